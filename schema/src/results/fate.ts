/** Why a read counts or does not; every read has exactly one fate. */
export const FATES = [
  /** It gives a crossing its time. */
  'counted',
  /** It belongs to a crossing that another read gives the time. */
  'within-gap',
  /** Before the gun, or at a later point before the chip's own start. */
  'before-start',
  /** At the finish sooner after the start than a lap can take. */
  'too-soon',
  /** After the participant's finish. */
  'after-finish',
  /** A later passage of a point that has been crossed. */
  'repeated',
  /** Nobody in the roster has this chip. */
  'unknown-chip',
  /** Its participant is in another race. */
  'other-race',
  /** Its epoch is not mapped to this race. */
  'not-mapped',
  /** The race has timing points and its stream stands at none of them. */
  'no-point',
  /** The reader's time is missing or no time. */
  'unparsable-time',
] as const;
export type Fate = (typeof FATES)[number];

export type FateCounts = Readonly<Record<Fate, number>>;

type MutableFateCounts = Record<Fate, number>;

const noFates = (): MutableFateCounts => ({
  counted: 0,
  'within-gap': 0,
  'before-start': 0,
  'too-soon': 0,
  'after-finish': 0,
  repeated: 0,
  'unknown-chip': 0,
  'other-race': 0,
  'not-mapped': 0,
  'no-point': 0,
  'unparsable-time': 0,
});

/** How many reads have which fate: in all, by stream and, where the stream stands at one, by point. */
export interface FateTally {
  readonly total: FateCounts;
  readonly byStream: ReadonlyMap<string, FateCounts>;
  readonly byPoint: ReadonlyMap<string, FateCounts>;
}

/** How many of somebody's reads have a fate by one stream. */
export interface FateCount {
  readonly streamId: string;
  /** Null: the stream stands at none. */
  readonly pointId: string | null;
  readonly fate: Fate;
  readonly reads: number;
}

/** Adds up fates; what sums up to nothing is left out. */
export interface FateCounter {
  /** `pointId` null: the stream stands at none. */
  readonly add: (streamId: string, pointId: string | null, fate: Fate, reads: number) => void;
  /** The same object for the same few reads: nearly all who pass a mat have one there that counts. */
  readonly shared: (count: FateCount) => FateCount;
  readonly tally: () => FateTally;
}

/** Counts beyond are somebody's own: whose chip lies at a mat has another one with each read. */
const SHARED_READS = 4;

const countsIn = (map: Map<string, MutableFateCounts>, key: string): MutableFateCounts => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh = noFates();
  map.set(key, fresh);
  return fresh;
};

const withReads = (map: ReadonlyMap<string, MutableFateCounts>): ReadonlyMap<string, FateCounts> =>
  new Map(
    [...map].filter(([, counts]) => FATES.some((fate) => counts[fate] !== 0)).map(([key, it]) => [key, { ...it }]),
  );

export const createFateCounter = (): FateCounter => {
  const total = noFates();
  const byStream = new Map<string, MutableFateCounts>();
  const byPoint = new Map<string, MutableFateCounts>();
  const known = new Map<string, FateCount>();
  return {
    shared: (count) => {
      const { streamId, pointId, fate, reads } = count;
      if (reads > SHARED_READS) return count;
      const key = [fate, reads, streamId, pointId ?? ''].join('\n');
      const same = known.get(key);
      if (same === undefined) known.set(key, count);
      return same ?? count;
    },
    add: (streamId, pointId, fate, reads) => {
      total[fate] += reads;
      countsIn(byStream, streamId)[fate] += reads;
      if (pointId !== null) countsIn(byPoint, pointId)[fate] += reads;
    },
    tally: () => ({ total: { ...total }, byStream: withReads(byStream), byPoint: withReads(byPoint) }),
  };
};
