import { ParticipantId, putChips, putParticipants } from '@baton/schema/doc';
import * as Y from 'yjs';
import { openDocClient } from './doc-client.ts';
import type { DocAddress, DocServer } from './doc-servers.ts';

const FIRST = ['Ada', 'Benoît', 'Chloé', 'Dieter', 'Emil', 'Françoise', 'Greta', 'Håkon', 'Ines', 'Jürgen'] as const;
const LAST = ['Alvarez', 'Bianchi', 'Czerny', 'Dupont', 'Eriksson', 'Fischer', 'Garcia', 'Horvat', 'Ivanova'] as const;
const PER_UPDATE = 2_500;

export interface Roster {
  /** As an import makes them: people and their chips, `PER_UPDATE` at a time. */
  readonly updates: readonly Uint8Array[];
  readonly state: Uint8Array;
  readonly stateVector: Uint8Array;
}

const participant = (n: number) => ({
  participantId: ParticipantId.parse(`#${n + 1}`),
  bib: String(n + 1),
  firstName: FIRST[n % FIRST.length] ?? '',
  lastName: `${LAST[n % LAST.length]}-${n % 997}`,
  club: n % 3 === 0 ? null : `Running Club ${n % 120}`,
  sex: n % 2 === 0 ? ('F' as const) : ('M' as const),
  birthYear: 1940 + (n % 68),
});

export const makeRoster = (count: number): Roster => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (it: Uint8Array) => updates.push(Uint8Array.from(it)));
  for (let from = 0; from < count; from += PER_UPDATE) {
    const people = Array.from({ length: Math.min(PER_UPDATE, count - from) }, (_, index) => participant(from + index));
    doc.transact(() => {
      putParticipants(doc, people);
      putChips(
        doc,
        people.map((it) => [`05800${it.bib.padStart(7, '0')}`, it.participantId] as const),
      );
    });
  }
  return { updates, state: Y.encodeStateAsUpdate(doc), stateVector: Y.encodeStateVector(doc) };
};

/**
 * Puts the roster into a document; resolves when another client has all of it, with the way to let go of the document:
 * servers that store nothing forget it with its last client.
 */
export const uploadRoster = async (
  server: DocServer,
  address: DocAddress,
  { updates, state }: Roster,
): Promise<() => void> => {
  const doc = new Y.Doc();
  const wanted = Y.encodeStateVector(docOf(state));
  let hasAll = (): void => {};
  const all = new Promise<void>((resolve) => {
    hasAll = resolve;
  });
  const watcher = await openDocClient(address, server.dialect, {
    onUpdate: (update) => {
      Y.applyUpdate(doc, update);
      if (Buffer.compare(Y.encodeStateVector(doc), wanted) === 0) hasAll();
    },
  });
  const link = await openDocClient(address, server.dialect);
  for (const update of updates) link.send(update);
  await all;
  watcher.close();
  return link.close;
};

const docOf = (state: Uint8Array): Y.Doc => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc;
};
