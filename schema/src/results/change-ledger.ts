import type { Entry } from './entry.ts';
import type { Owner } from './standing-lists.ts';

/** More changed results than these, or more rows with them, are better fetched anew. */
export const MAX_CHANGED = 500;

/** Whose entry was replaced since the changes were taken last, and what it was before. */
export interface ChangeLedger {
  readonly note: (owner: Owner) => void;
  /** From now on it is all that changed. */
  readonly noteAll: () => void;
  readonly isAll: () => boolean;
  readonly isEmpty: () => boolean;
  readonly changed: () => ReadonlyMap<Owner, Entry | null>;
  /** What the first one was ranked by. */
  readonly leader: () => number | null;
  readonly reset: (leader: number | null) => void;
}

export const createChangeLedger = (): ChangeLedger => {
  const changed = new Map<Owner, Entry | null>();
  let all = false;
  let leader: number | null = null;

  const noteAll = (): void => {
    all = true;
    changed.clear();
  };

  return {
    note: (owner) => {
      if (all || changed.has(owner)) return;
      if (changed.size >= MAX_CHANGED) noteAll();
      else changed.set(owner, owner.entry);
    },
    noteAll,
    isAll: () => all,
    isEmpty: () => !all && changed.size === 0,
    changed: () => changed,
    leader: () => leader,
    reset: (now) => {
      changed.clear();
      all = false;
      leader = now;
    },
  };
};
