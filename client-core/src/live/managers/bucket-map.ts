/**
 * A map as JSON that is never changed: a change copies one bucket of many, not everything. A process manager's state must not be
 * changed in place, and may hold a chip for each of 55,000 runners.
 */
export interface BucketMap<V> {
  readonly size: number;
  readonly buckets: readonly Readonly<Record<string, V>>[];
}

const BUCKETS = 512;

export const emptyMap = <V>(): BucketMap<V> => ({ size: 0, buckets: new Array(BUCKETS).fill({}) });

/** FNV-1a, of UTF-16 units. */
const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % BUCKETS;
};

export const hasKey = <V>({ buckets }: BucketMap<V>, key: string): boolean =>
  Object.hasOwn(buckets[bucketOf(key)] ?? {}, key);

export const getAt = <V>(map: BucketMap<V>, key: string): V | undefined =>
  hasKey(map, key) ? map.buckets[bucketOf(key)]?.[key] : undefined;

export const setAt = <V>(map: BucketMap<V>, key: string, value: V): BucketMap<V> => {
  const at = bucketOf(key);
  const buckets = [...map.buckets];
  // a computed key makes an own property, also of `__proto__`
  buckets[at] = { ...buckets[at], [key]: value };
  return { size: map.size + (hasKey(map, key) ? 0 : 1), buckets };
};

export const deleteAt = <V>(map: BucketMap<V>, key: string): BucketMap<V> => {
  if (!hasKey(map, key)) return map;
  const at = bucketOf(key);
  const buckets = [...map.buckets];
  const { [key]: _, ...rest } = buckets[at] ?? {};
  buckets[at] = rest;
  return { size: map.size - 1, buckets };
};

export function* entriesOf<V>({ buckets }: BucketMap<V>): Generator<readonly [string, V]> {
  for (const bucket of buckets) {
    for (const key of Object.keys(bucket)) yield [key, bucket[key] as V]; // its own key
  }
}
