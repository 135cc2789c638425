import type { Target } from '@baton/schema/protocol';
import { type Pair, type PairKey, pairFromKey, pairKey } from '@baton/schema/reads';
import { type BySide, type LinkState, otherSide, SIDES, type Side } from './link-state.ts';

export interface DueSeal {
  /** Who is to be told. */
  readonly at: Side;
  readonly pair: Pair;
  readonly head: number;
}

interface Seal {
  readonly head: number;
  readonly hash: string | null;
}

/** Passes on how epochs ended: a relay seals one when it holds all of it, and what is sealed can be proved complete. */
export interface SealTelling {
  readonly noted: (from: Side, targets: readonly Target[]) => void;
  /** Seals that one relay has, and the other can have now; each is given once. */
  readonly due: (state: LinkState) => readonly DueSeal[];
  /** Epochs newly seen to differ; each is given once. */
  readonly differing: () => readonly Pair[];
  /** All that were seen to differ, and not to be the same since. */
  readonly differences: () => readonly Pair[];
  /** Epochs that both have sealed, to one hash. */
  readonly alike: () => readonly Pair[];
  /** The session is over. */
  readonly forget: () => void;
}

export const createSealTelling = (): SealTelling => {
  const seals: BySide<Map<PairKey, Seal>> = { here: new Map(), there: new Map() };
  const told: BySide<Set<PairKey>> = { here: new Set(), there: new Set() };
  const reported = new Set<PairKey>();

  const dueAt = (at: Side, state: LinkState): readonly DueSeal[] =>
    [...seals[otherSide(at)]].flatMap(([key, { head }]) => {
      const pair = state.pairs.get(key);
      if (told[at].has(key) || seals[at].has(key) || pair === undefined) return [];
      if (pair.heads[at] !== head || pair.differsAt !== null) return [];
      told[at].add(key);
      const { streamId, epoch } = pair;
      return [{ at, pair: { streamId, epoch }, head }];
    });

  const differs = (key: PairKey, { head, hash }: Seal): boolean => {
    const other = seals.there.get(key);
    return (
      other !== undefined && (other.head !== head || (hash !== null && other.hash !== null && other.hash !== hash))
    );
  };

  const isAlike = (key: PairKey, { head, hash }: Seal): boolean => {
    const other = seals.there.get(key);
    return other !== undefined && hash !== null && other.head === head && other.hash === hash;
  };

  const pairsOf = (keys: Iterable<PairKey>): readonly Pair[] => [...keys].flatMap((key) => pairFromKey(key) ?? []);

  return {
    noted: (from, targets) => {
      for (const { streamId, epoch, sealed, head, hash } of targets) {
        if (sealed) seals[from].set(pairKey(streamId, epoch), { head, hash: hash ?? null });
      }
      for (const [key, seal] of seals.here) if (isAlike(key, seal)) reported.delete(key);
    },
    due: (state) => SIDES.flatMap((at) => dueAt(at, state)),
    differing: () =>
      [...seals.here].flatMap(([key, seal]) => {
        if (reported.has(key) || !differs(key, seal)) return [];
        reported.add(key);
        return pairFromKey(key) ?? [];
      }),
    differences: () => pairsOf(reported),
    alike: () => pairsOf([...seals.here].filter(([key, seal]) => isAlike(key, seal)).map(([key]) => key)),
    forget: () => {
      for (const side of SIDES) {
        seals[side].clear();
        told[side].clear();
      }
    },
  };
};
