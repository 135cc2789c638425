import * as Y from 'yjs';
import { z } from 'zod';
import { reviewRoots } from './roots.ts';

/**
 * Who changed what, and when. A Yjs change carries the number of the client that made it and its place in that client's
 * count (client, clock), but no name and no time. So each edit ends with a stamp in the same transaction: whatever the
 * client wrote since its stamp before belongs to it. A stamp costs some 40 bytes for ever; a value that carried its
 * author itself would cost as much in each of 55,000 roster entries.
 *
 * Names are what the editing page says of its own user. Whoever may write a document may write anything into it, names
 * included: the history serves people who work together, it proves nothing against one of them.
 */
export const EditKind = z.enum(['edit', 'import', 'undo', 'redo', 'choice']);
export type EditKind = z.infer<typeof EditKind>;

/** Who edits, and when: milliseconds since the Unix epoch, for showing only. */
export interface Author {
  readonly name: string;
  readonly at: number;
}

const StoredStamp = z.object({
  by: z.string().max(200),
  at: z.number(),
  kind: EditKind.catch('edit').default('edit'),
});

/** A removal's note: what its author had seen by then. Whatever is beyond was written apart from it. */
const StoredSight = z.object({ saw: z.instanceof(Uint8Array) });

export interface Stamp extends Author {
  readonly client: number;
  /** The stamp's own place: it covers what its client wrote before, up to the stamp before it. */
  readonly clock: number;
  readonly kind: EditKind;
}

/** A number of Yjs: the client that wrote, and where in its count. */
export interface WriteId {
  readonly client: number;
  readonly clock: number;
}

export interface EditLog {
  readonly stamps: readonly Stamp[];
  /** The stamp that covers a write; undefined for one of a client that leaves no stamps. */
  readonly stampOf: (write: WriteId) => Stamp | undefined;
  /** What the author of a removal had seen (client → clock); undefined when it was not noted. */
  readonly sightOf: (removal: WriteId) => ReadonlyMap<number, number> | undefined;
}

const ownClock = (doc: Y.Doc): number => Y.getState(doc.store, doc.clientID);

/**
 * Each entry under a key of its own, made of the number that it is about to get: nobody else can write that key, and Yjs
 * places it at once. In a list, entries that were added apart have to find their places among each other.
 */
const record = (doc: Y.Doc, entry: object): void => {
  reviewRoots(doc).edits.set(`${doc.clientID.toString(36)}.${ownClock(doc).toString(36)}`, entry);
};

/** Signs what this client has written since its stamp before; for changes that `editAs` did not make, such as an undo. */
export const stampEdit = (doc: Y.Doc, { name, at }: Author, kind: EditKind): void => {
  const by = name.slice(0, 200);
  record(doc, kind === 'edit' ? { by, at } : { by, at, kind });
};

/** One change with its author, as one transaction; a change that writes nothing leaves no stamp. */
export const editAs = (
  doc: Y.Doc,
  author: Author,
  change: (doc: Y.Doc) => void,
  options: { readonly origin?: unknown; readonly kind?: EditKind } = {},
): void => {
  doc.transact(() => {
    const before = ownClock(doc);
    change(doc);
    if (ownClock(doc) > before) stampEdit(doc, author, options.kind ?? 'edit');
  }, options.origin);
};

/**
 * Notes, within a transaction that has removed something with parts of its own, what was known when it was removed: an
 * edit of a part that another replica makes meanwhile can then be told from one that the remover had seen.
 */
export const noteSight = (doc: Y.Doc): void => {
  record(doc, { saw: Y.encodeStateVector(doc) });
};

interface Sight extends WriteId {
  readonly saw: Uint8Array;
}

/** The entries with the numbers under which they were written: the keys are only keys. */
function* numbered(map: Y.Map<unknown>): Generator<WriteId & { readonly value: unknown }> {
  for (const { id, deleted, length, content } of map._map.values()) {
    const clock = id.clock + length - 1;
    if (!deleted) yield { client: id.client, clock, value: content.getContent()[length - 1] };
  }
}

const byClient = <T extends WriteId>(entries: readonly T[]): ReadonlyMap<number, readonly T[]> => {
  const groups = new Map<number, T[]>();
  for (const entry of entries) {
    const group = groups.get(entry.client);
    if (group === undefined) groups.set(entry.client, [entry]);
    else group.push(entry);
  }
  for (const group of groups.values()) group.sort((a, b) => a.clock - b.clock);
  return groups;
};

/** The first entry of the write's client that comes after it. */
const firstAfter = <T extends WriteId>(groups: ReadonlyMap<number, readonly T[]>, write: WriteId): T | undefined => {
  const group = groups.get(write.client) ?? [];
  let [low, high] = [0, group.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((group[middle]?.clock ?? 0) > write.clock) high = middle;
    else low = middle + 1;
  }
  return group[low];
};

const sightIn = (saw: Uint8Array): ReadonlyMap<number, number> | undefined => {
  try {
    return Y.decodeStateVector(saw);
  } catch {
    // somebody else wrote it: a note that cannot be read is no note
    return undefined;
  }
};

/** Reads all stamps; entries that do not parse, as other versions may write them, are passed over. */
export const readEditLog = (doc: Y.Doc): EditLog => {
  const stamps: Stamp[] = [];
  const sights: Sight[] = [];
  for (const { client, clock, value } of numbered(reviewRoots(doc).edits)) {
    const stamp = StoredStamp.safeParse(value);
    if (stamp.success) {
      stamps.push({ client, clock, name: stamp.data.by, at: stamp.data.at, kind: stamp.data.kind });
      continue;
    }
    const sight = StoredSight.safeParse(value);
    if (sight.success) sights.push({ client, clock, saw: sight.data.saw });
  }
  const [stampsByClient, sightsByClient] = [byClient(stamps), byClient(sights)];
  return {
    stamps,
    stampOf: (write) => firstAfter(stampsByClient, write),
    sightOf: (removal) => {
      const sight = firstAfter(sightsByClient, removal);
      return sight === undefined ? undefined : sightIn(sight.saw);
    },
  };
};
