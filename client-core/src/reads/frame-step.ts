/**
 * What a consecutive run of reads means to someone who holds 1…`held` of its epoch.
 *
 * - `append`: new from read `from` (index in the run) on; those before it are known and are cut
 * - `known`: nothing new
 * - `gap`: reads before it are missing; storing it would break the promise that a clock is contiguous
 */
export type FrameStep =
  | { readonly type: 'append'; readonly from: number; readonly head: number }
  | { readonly type: 'known' }
  | { readonly type: 'gap'; readonly expected: number };

/** @param held highest seq held, 0 for none. `firstSeq` from 1, `count` from 1. */
export const stepFrame = (held: number, firstSeq: number, count: number): FrameStep => {
  const expected = held + 1;
  const last = firstSeq + count - 1;
  if (firstSeq > expected) return { type: 'gap', expected };
  if (last < expected) return { type: 'known' };
  return { type: 'append', from: expected - firstSeq, head: last };
};
