import type { Random } from '@baton/schema/ports';

/** Randomness that can be repeated: the same seed gives the same numbers, on every machine. */
export interface SeededRandom extends Random {
  readonly seed: number;
  /** A whole number in [from, to]. */
  readonly int: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  /** One of a list that is not empty. */
  readonly pick: <T>(from: readonly T[]) => T;
  readonly shuffled: <T>(list: readonly T[]) => readonly T[];
  readonly bytes: (count: number) => Uint8Array;
  /** A stream of its own, fixed by this seed and the label: drawing more from one does not change another. */
  readonly split: (label: string) => SeededRandom;
}

/** FNV-1a, 32 bits: a label as a number. */
const hashOf = (text: string, basis: number): number => {
  let hash = (basis ^ 0x811c9dc5) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
};

/** The finaliser of MurmurHash3: spreads neighbouring seeds apart. */
const mixed = (value: number): number => {
  let it = value >>> 0;
  it = Math.imul(it ^ (it >>> 16), 0x85ebca6b);
  it = Math.imul(it ^ (it >>> 13), 0xc2b2ae35);
  return (it ^ (it >>> 16)) >>> 0;
};

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough for schedules and data, not for secrets. */
const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let it = Math.imul(state ^ (state >>> 15), state | 1);
    it ^= it + Math.imul(it ^ (it >>> 7), it | 61);
    return ((it ^ (it >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

/** @param seed a 32-bit number; see `freshSeed` */
export const createSeededRandom = (seed: number): SeededRandom => {
  const next = mulberry32(mixed(seed));
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    seed,
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[int(0, from.length - 1)];
      if (picked === undefined) throw new RangeError('picked from an empty list');
      return picked;
    },
    shuffled: (list) => {
      const shuffled = [...list];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = int(0, at);
        [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
      }
      return shuffled;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => int(0, 255)),
    split: (label) => createSeededRandom(hashOf(label, seed)),
  };
};

/** The seed that `BATON_SEED` names, to repeat a run, else a fresh one. */
export const freshSeed = (): number => {
  const given = Number(process.env['BATON_SEED'] ?? Number.NaN);
  return Number.isInteger(given) ? given >>> 0 : Math.floor(Math.random() * 0x1_0000_0000);
};

/**
 * Runs a test on a seed; when it fails, the error says how to repeat it. A seed that once failed is kept
 * as a test of its own, with the seed in its name.
 */
export const withSeed = async (
  run: (random: SeededRandom) => Promise<void>,
  seed: number = freshSeed(),
): Promise<void> => {
  try {
    await run(createSeededRandom(seed));
  } catch (error) {
    throw new Error(`failed with seed ${seed}; repeat it with BATON_SEED=${seed}`, { cause: error });
  }
};
