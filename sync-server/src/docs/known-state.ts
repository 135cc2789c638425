import * as Y from 'yjs';
import type { StateVector } from './gate/state-vector.ts';

/**
 * What a peer has of what the document has: of the clients in a state vector, those that the document knows, up to where it
 * knows them. So whoever lacks the same has the same `key`, whatever else it has; it is empty where that is everything.
 */
export const knownOf = (
  doc: Y.Doc,
  stateVector: StateVector,
): { readonly key: string; readonly known: StateVector } => {
  const known = new Map<number, number>();
  let key = '';
  if (stateVector.size === 0) return { key, known };
  for (const client of doc.store.clients.keys()) {
    const clock = Math.min(stateVector.get(client) ?? 0, Y.getState(doc.store, client));
    if (clock === 0) continue;
    known.set(client, clock);
    key += `${client}:${clock} `;
  }
  return { key, known };
};
