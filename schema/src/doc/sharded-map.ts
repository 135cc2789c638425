/** A map in parts, of which only those that change are copied. */
export interface ShardedMap<K extends string, V> extends ReadonlyMap<K, V> {
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => void;
  /** As it is now, whatever becomes of this one; at the cost of the number of parts, not of entries. */
  readonly snapshot: () => ReadonlyMap<K, V>;
}

/** Of 55,000 entries some two hundred in each. */
const SHARDS = 256;
/** Characters that a key is filed by: ids differ at their ends. */
const TAIL = 24;

const shardOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - TAIL); at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) & (SHARDS - 1);
};

type Shards<K, V> = readonly ReadonlyMap<K, V>[];

/** The parts of those maps that are made here. */
const partsOf = new WeakMap<object, () => Shards<unknown, unknown>>();

/**
 * Parts of two maps that may differ: those that both have in common are left out. Maps that are no snapshots of one and the same
 * are one part as a whole.
 */
export function* differentParts<K, V>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): Generator<readonly [before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>], void, undefined> {
  const [old, now] = [
    partsOf.get(before)?.() as Shards<K, V> | undefined,
    partsOf.get(after)?.() as Shards<K, V> | undefined,
  ];
  if (old === undefined || now === undefined) return yield [before, after];
  for (const [index, part] of old.entries()) {
    const other = now[index];
    if (other !== undefined && other !== part) yield [part, other];
  }
}

const viewOf = <K extends string, V>(shards: () => Shards<K, V>, size: () => number): ReadonlyMap<K, V> => {
  function* entries(): Generator<[K, V], undefined, unknown> {
    for (const shard of shards()) yield* shard;
  }
  function* keys(): Generator<K, undefined, unknown> {
    for (const shard of shards()) yield* shard.keys();
  }
  function* values(): Generator<V, undefined, unknown> {
    for (const shard of shards()) yield* shard.values();
  }
  const view: ReadonlyMap<K, V> = {
    get: (key) => shards()[shardOf(key)]?.get(key),
    has: (key) => shards()[shardOf(key)]?.has(key) === true,
    get size() {
      return size();
    },
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
    forEach: (call) => {
      for (const [key, value] of entries()) call(value, key, view);
    },
  };
  partsOf.set(view, shards);
  return view;
};

/** Iterates in an order of its own. */
export const createShardedMap = <K extends string, V>(): ShardedMap<K, V> => {
  const shards = Array.from({ length: SHARDS }, () => new Map<K, V>());
  /** Parts that a snapshot holds, too. */
  const shared = new Set<number>();
  let size = 0;

  const own = (index: number): Map<K, V> => {
    const shard = shards[index] ?? new Map<K, V>();
    if (!shared.delete(index)) return shard;
    const copy = new Map(shard);
    shards[index] = copy;
    return copy;
  };

  const live = viewOf(
    () => shards,
    () => size,
  );
  return Object.assign(live, {
    set: (key: K, value: V): void => {
      const shard = own(shardOf(key));
      if (!shard.has(key)) size++;
      shard.set(key, value);
    },
    delete: (key: K): void => {
      if (live.has(key) && own(shardOf(key)).delete(key)) size--;
    },
    snapshot: (): ReadonlyMap<K, V> => {
      const [parts, count] = [shards.slice(), size];
      for (let index = 0; index < SHARDS; index++) shared.add(index);
      return viewOf(
        () => parts,
        () => count,
      );
    },
  });
};
