/** Upper bounds, rising, each with what counts up to it. */
export type Buckets = readonly [number, ...number[]];

/** From half a millisecond (a sync of a good disk) to ten seconds (a stuck one). */
export const SECONDS: Buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How often values came, by how large they were: in constant memory, for ever. */
export interface Histogram {
  readonly observe: (value: number) => void;
  /** `buckets`: each bound with how many values were at most that; `count` and `sum` are of all. */
  readonly read: () => {
    readonly buckets: readonly (readonly [bound: number, atMost: number])[];
    readonly count: number;
    readonly sum: number;
  };
}

export const createHistogram = (bounds: Buckets): Histogram => {
  /** One more than the bounds: what is beyond them all. */
  const counts = new Float64Array(bounds.length + 1);
  let count = 0;
  let sum = 0;
  return {
    observe: (value) => {
      const found = bounds.findIndex((bound) => value <= bound);
      const at = found === -1 ? bounds.length : found;
      counts[at] = (counts[at] ?? 0) + 1;
      count += 1;
      sum += value;
    },
    read: () => {
      let below = 0;
      const buckets = bounds.map((bound, at): readonly [number, number] => {
        below += counts[at] ?? 0;
        return [bound, below];
      });
      return { buckets, count, sum };
    },
  };
};
