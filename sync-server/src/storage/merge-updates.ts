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
  const { pendingStructs, pendingDs } = doc.store;
  // Yjs looks at what waits only when more comes, and not at all of it each time
  if (pendingStructs !== null || pendingDs !== null) Y.applyUpdate(doc, Y.encodeStateAsUpdate(doc));
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

type Range = readonly [from: number, to: number];

const joinRanges = (ranges: readonly Range[]): readonly Range[] => {
  const joined: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
};

/**
 * Which changes updates carry, by client: those too whose predecessors are missing. What Yjs says of these itself
 * (`missing`) depends on the order in which they came.
 */
const carriedBy = (updates: readonly Uint8Array[]): ReadonlyMap<number, readonly Range[]> => {
  const ranges = new Map<number, Range[]>();
  for (const struct of updates.flatMap((update) => Y.decodeUpdate(update).structs)) {
    if (struct instanceof Y.Skip) continue;
    const { id, length } = struct;
    const found = ranges.get(id.client);
    if (found === undefined) ranges.set(id.client, [[id.clock, id.clock + length]]);
    else found.push([id.clock, id.clock + length]);
  }
  return new Map([...ranges].sort(([a], [b]) => a - b).map(([client, all]) => [client, joinRanges(all)]));
};

const difference = (a: Y.Doc, b: Y.Doc): string | null => {
  if (!Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))) return 'its clocks or deletions differ';
  if ((a.store.pendingDs === null) !== (b.store.pendingDs === null)) return 'what it will delete differs';
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
    if (!isDeepStrictEqual(carriedBy(updates), carriedBy([state]))) {
      return { type: 'not-merged', reason: 'the merged update does not carry all changes' };
    }
    return { type: 'merged', state };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'not-merged', reason: `the updates cannot be merged: ${reason}` };
  }
};
