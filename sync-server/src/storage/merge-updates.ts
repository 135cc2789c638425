import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';

export type MergeOutcome =
  | { readonly type: 'merged'; readonly state: Uint8Array }
  | { readonly type: 'not-merged'; readonly reason: string };

/** A document that throws nothing away: what was overwritten or deleted stays part of its history. */
const docOf = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc({ gc: false });
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
};

/** What is visible of each root, whatever its type: documents are stored without a word on the types of their roots. */
const contentsOf = (doc: Y.Doc): unknown => {
  const snapshot = Y.snapshot(doc);
  const roots = [...doc.share.keys()].sort().map((name) => {
    const list: unknown = Y.typeListToArraySnapshot(doc.get(name), snapshot);
    return [name, doc.getMap(name).toJSON(), JSON.stringify(list)];
  });
  return roots;
};

/** Changes whose predecessors are missing, by what they wait for. */
const waitingOf = ({ store }: Y.Doc): unknown => [store.pendingStructs?.missing ?? null, store.pendingDs !== null];

const difference = (a: Y.Doc, b: Y.Doc): string | null => {
  if (!Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))) return 'its clocks or deletions differ';
  if (!isDeepStrictEqual(waitingOf(a), waitingOf(b))) return 'what waits for missing changes differs';
  return isDeepStrictEqual(contentsOf(a), contentsOf(b)) ? null : 'its contents differ';
};

/**
 * Makes one update of many, through a document built for it: `Y.mergeUpdates` takes time with the square of their number.
 * The result is read again and compared before anybody may replace anything by it.
 */
export const mergeUpdates = (updates: readonly Uint8Array[]): MergeOutcome => {
  try {
    const doc = docOf(updates);
    const state = Y.encodeStateAsUpdate(doc);
    const differs = difference(doc, docOf([state]));
    if (differs !== null) return { type: 'not-merged', reason: `the merged document is not the same: ${differs}` };
    return { type: 'merged', state };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'not-merged', reason: `the updates cannot be merged: ${reason}` };
  }
};
