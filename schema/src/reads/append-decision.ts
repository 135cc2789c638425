import { sameBytes } from './read.ts';

/** What the log holds of one (stream, epoch). */
export interface EpochState {
  /** Highest `seq` stored; 0 when none. All below it are stored too. */
  readonly head: number;
}

/** A batch that asks to be appended: `raws[i]` has number `firstSeq + i`. */
export interface AppendRequest {
  readonly firstSeq: number;
  readonly raws: readonly Uint8Array[];
}

/**
 * - `accepted`: store the reads from `fromSeq` on (those before it are known and equal: `duplicates` of them)
 * - `duplicate`: all known, same bytes; a success
 * - `gap`: refused, the log needs `expected` first
 * - `conflict`: refused, other bytes are stored under `seq`; the first are kept
 */
export type AppendDecision =
  | { readonly type: 'accepted'; readonly fromSeq: number; readonly head: number; readonly duplicates: number }
  | { readonly type: 'duplicate'; readonly head: number; readonly duplicates: number }
  | { readonly type: 'gap'; readonly head: number; readonly expected: number }
  | { readonly type: 'conflict'; readonly head: number; readonly seq: number };

/** The ingest rule. `known` gives the stored bytes of a number at or below the head. */
export const decideAppend = (
  state: EpochState,
  request: AppendRequest,
  known: (seq: number) => Uint8Array | undefined,
): AppendDecision => {
  const { head } = state;
  const { firstSeq, raws } = request;
  if (firstSeq > head + 1) return { type: 'gap', head, expected: head + 1 };
  const lastSeq = firstSeq + raws.length - 1;
  for (let seq = firstSeq; seq <= Math.min(lastSeq, head); seq++) {
    const stored = known(seq);
    const sent = raws[seq - firstSeq];
    if (stored === undefined || sent === undefined || !sameBytes(stored, sent)) return { type: 'conflict', head, seq };
  }
  const duplicates = Math.max(0, Math.min(lastSeq, head) - firstSeq + 1);
  if (lastSeq <= head) return { type: 'duplicate', head, duplicates };
  return { type: 'accepted', fromSeq: head + 1, head: lastSeq, duplicates };
};
