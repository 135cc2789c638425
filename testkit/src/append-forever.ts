import { writeSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { StreamId } from '@baton/schema/ids';
import { openWorkerStore, type Store, StoreOpenError } from '@baton/sync-server/storage';
import * as Y from 'yjs';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { append, commit, EVENT_A, eventRecord, putStream } from './store-contract/fixtures.ts';

/**
 * A process that writes to a data directory until it is killed or its disk fails: `append-forever.js DIR SEED`.
 * On stdout, written at once, one line for what happened: `ready`, `acked STREAM HEAD`, `saved COUNT` (updates of the
 * document `crash`), `merged COUNT` (edits of the document `merged`, which is compacted all the while), `failure MESSAGE`, `after TYPE` (an append after the failure), `not-opened REASON MESSAGE`.
 */
const STREAMS = ['gate.a', 'gate.b', 'gate.c'].map((id) => StreamId.parse(id));
const WINDOW = 3;

const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

/** Keeps `WINDOW` batches of one stream on their way. Ends when one is not accepted. */
const appendStream = async (store: Store, streamId: StreamId, head: number, random: SeededRandom): Promise<void> => {
  let next = head + 1;
  const send = () => {
    const count = random.int(1, 40);
    const reply = append(store, { streamId, epoch: 1 }, next, count);
    next += count;
    return reply;
  };
  const waiting = Array.from({ length: WINDOW }, send);
  for (;;) {
    const reply = await waiting.shift();
    if (reply?.type !== 'accepted') return;
    say(`acked ${streamId} ${reply.state.head}`);
    waiting.push(send());
  }
};

const appendDoc = async (store: Store, stored: number): Promise<void> => {
  for (let count = stored + 1; ; count++) {
    const reply = await store.appendDoc('crash', new TextEncoder().encode(`update ${count}`));
    if (reply.type !== 'committed') return;
    say(`saved ${count}`);
  }
};

/** Edits a document one after another, and has it compacted meanwhile. */
const editDoc = async (store: Store): Promise<void> => {
  const doc = new Y.Doc({ gc: false });
  for (const update of await store.loadDoc('merged')) Y.applyUpdate(doc, update);
  const counts = doc.getMap<number>('counts');
  let update = new Uint8Array();
  doc.on('update', (it: Uint8Array) => {
    update = Uint8Array.from(it);
  });
  for (let count = (counts.get('n') ?? 0) + 1; ; count++) {
    counts.set('n', count);
    const reply = await store.appendDoc('merged', update);
    if (reply.type !== 'committed') return;
    say(`merged ${count}`);
    if (count % 20 === 0) void store.compactDoc('merged');
  }
};

const run = async (dataDir: string, random: SeededRandom): Promise<void> => {
  const store = await openWorkerStore({ dataDir, onFailure: (message) => say(`failure ${message}`) });
  await commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) }, ...STREAMS.map((id) => putStream(id)));
  const { epochs } = await store.load();
  const docs = await store.loadDoc('crash');
  say('ready');
  const headOf = (id: StreamId): number => epochs.find((it) => it.streamId === id && it.epoch === 1)?.head ?? 0;
  await Promise.all([
    ...STREAMS.map((id) => appendStream(store, id, headOf(id), random.split(id))),
    appendDoc(store, docs.length),
    editDoc(store),
  ]);
  const after = await append(store, { streamId: STREAMS[0]!, epoch: 1 }, 1, 1);
  say(`after ${after.type}`);
  await store.close();
};

const [, , dataDir = '', seed = '1'] = argv;
try {
  await run(dataDir, createSeededRandom(Number(seed)));
} catch (error) {
  if (!(error instanceof StoreOpenError)) throw error;
  say(`not-opened ${error.reason} ${error.message}`);
}
exit(1);
