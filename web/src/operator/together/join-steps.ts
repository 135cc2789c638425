import { type Edit, HISTORY_LIMITS } from '@baton/schema/doc';
import type { PastEdit } from './review-store.ts';

/** Pauses between the steps of one act are shorter. */
const PAUSE_MS = 10_000;
/** A person's own edits are smaller. */
const LARGE = 100;

const isStepOf = (later: PastEdit, earlier: PastEdit): boolean => {
  const [a, b] = [later.edit, earlier.edit];
  if (later.edited !== earlier.edited || a.kind !== b.kind || a.author === null || b.author === null) return false;
  if (a.author.name !== b.author.name || a.author.at - b.author.at > PAUSE_MS) return false;
  return a.kind === 'import' || b.total > LARGE;
};

const sums = (a: Edit['tally'], b: Edit['tally']): Edit['tally'] => {
  const tally = new Map(a);
  for (const [group, count] of b) tally.set(group, (tally.get(group) ?? 0) + count);
  return tally;
};

const join = (later: Edit, earlier: Edit): Edit => ({
  ...earlier,
  author: later.author,
  changes: [...earlier.changes, ...later.changes].slice(0, HISTORY_LIMITS.changesPerEdit),
  total: earlier.total + later.total,
  tally: sums(earlier.tally, later.tally),
});

/**
 * An import of thousands is made in steps, so that nothing waits for it. Told as the one act that it was.
 *
 * @param edits newest first
 */
export const joinSteps = (edits: readonly PastEdit[]): readonly PastEdit[] => {
  const joined: PastEdit[] = [];
  for (const earlier of edits) {
    const later = joined.at(-1);
    if (later === undefined || !isStepOf(later, earlier)) joined.push(earlier);
    else joined[joined.length - 1] = { ...earlier, edit: join(later.edit, earlier.edit), canTakeBack: false };
  }
  return joined;
};
