import type { ReadsFrame } from '@baton/schema/protocol';
import { decodeBatch } from '@baton/schema/reads';
import PouchDB from 'pouchdb-browser';
import type { Candidate } from './candidate.ts';
import { type ForeignStore, foreignReplica } from './foreign-replica.ts';
import { readyOnce } from './ready-once.ts';

const latin1 = new TextDecoder('latin1');
const SHOWN = 50;
const FINISH = 'read/f1.finish/';
/** Behind every number of six digits. */
const LAST = '\uffff';

interface ReadDoc {
  readonly _id: string;
  readonly chip: string | null;
  readonly readerTime: string | null;
  readonly receivedAt: number;
  readonly kind: string;
  readonly raw: string;
}

interface RosterDoc {
  readonly bibs: Readonly<Record<string, string>>;
}

/** One document for each read, its key in the order of reads. */
const docsOf = ({ streamId, epoch, firstSeq, batch }: ReadsFrame): readonly ReadDoc[] => {
  const decoded = decodeBatch(batch);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return Array.from({ length: decoded.value.count }, (_, index) => {
    const { chip, readerTime, receivedAt, kind, raw } = decoded.value.at(index);
    const seq = `${firstSeq + index}`.padStart(9, '0');
    return { _id: `read/${streamId}/${epoch}/${seq}`, chip, readerTime, receivedAt, kind, raw: latin1.decode(raw) };
  });
};

const storeIn = (db: PouchDB): ForeignStore => ({
  store: async (frames) => {
    const failed = (await db.bulkDocs(frames.flatMap(docsOf))).find((it) => it.error === true);
    if (failed !== undefined) throw new Error(`not stored: ${JSON.stringify(failed)}`);
  },
  setup: async ({ participants, chips }) => {
    if (chips.length === 0) return;
    const bibs = new Map(participants.map((it) => [it['participant_id'], `${it['bib']}`]));
    const pairs = chips.map((it) => [`${it['chip']}`, bibs.get(it['participant_id'] ?? null) ?? '']);
    const known = await db.get('roster').catch(() => null);
    await db.put({ ...known, _id: 'roster', bibs: Object.fromEntries(pairs) });
  },
});

/** The question in memory: a view of map and reduce would first have to index each document. */
const firstAtFinish = async (db: PouchDB): Promise<number> => {
  const { bibs } = await db.get<RosterDoc>('roster');
  const { rows } = await db.allDocs<ReadDoc>({ include_docs: true, startkey: FINISH, endkey: `${FINISH}${LAST}` });
  const first = new Map<string, { readonly bib: string; time: string; reads: number }>();
  for (const { doc } of rows) {
    const bib = bibs[doc?.chip?.toLowerCase() ?? ''];
    if (doc?.chip == null || doc.readerTime === null || bib === undefined) continue;
    const known = first.get(doc.chip) ?? { bib, time: doc.readerTime, reads: 0 };
    known.reads++;
    if (doc.readerTime < known.time) known.time = doc.readerTime;
    first.set(doc.chip, known);
  }
  const order = [...first.values()].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return order.slice(0, SHOWN).length;
};

/** On IndexedDB, its only storage in a browser. No replication: that asks for a CouchDB, the reads come as for the others. */
export const openPouch = async (): Promise<Candidate> => {
  const db = new PouchDB('bench');
  await db.info();
  const { store, ready } = readyOnce(storeIn(db));
  return { replica: foreignReplica(store), ready, firstAtFinish: () => firstAtFinish(db), results: null };
};
