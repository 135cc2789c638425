/** The part of a map that a layer stands on. */
export interface MapBelow<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => unknown;
  readonly delete: (key: K) => unknown;
}

/** Changes to a map that do not count until they are kept: what memory knows follows what the disk has. */
export interface LayeredMap<K, V> extends MapBelow<K, V> {
  /** Writes the changes into what is below. */
  readonly keep: () => void;
}

export const layerOver = <K, V>(below: MapBelow<K, V>): LayeredMap<K, V> => {
  const changed = new Map<K, V | undefined>();
  return {
    get: (key) => (changed.has(key) ? changed.get(key) : below.get(key)),
    set: (key, value) => changed.set(key, value),
    delete: (key) => changed.set(key, undefined),
    keep: () => {
      for (const [key, value] of changed) {
        if (value === undefined) below.delete(key);
        else below.set(key, value);
      }
      changed.clear();
    },
  };
};
