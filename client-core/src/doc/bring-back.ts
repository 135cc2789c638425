import * as Y from 'yjs';

/** Origin of what a kept copy brings back into a document. */
const KEPT_COPY = Symbol('kept copy');

/** How many changes of a kept copy a document lacks; deletions alone are not counted. */
export const lackedBy = (doc: Y.Doc, copy: readonly Uint8Array[]): number => {
  const reached = new Map<number, number>();
  for (const update of copy) {
    for (const [client, to] of Y.parseUpdateMeta(update).to)
      reached.set(client, Math.max(reached.get(client) ?? 0, to));
  }
  let lacked = 0;
  for (const [client, to] of reached) lacked += Math.max(0, to - Y.getState(doc.store, client));
  return lacked;
};

/** Merges a kept copy into a document, as one change of whoever has it open: it is kept, sent and saved like any other. */
export const bringBack = (doc: Y.Doc, copy: readonly Uint8Array[]): void =>
  doc.transact(() => {
    for (const update of copy) Y.applyUpdate(doc, update, KEPT_COPY);
  }, KEPT_COPY);
