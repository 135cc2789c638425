/** When the stored updates of a document are made one. */
export interface CompactionBounds {
  /** More updates than this, once they have so many bytes and as many as the document had, are worth the work. */
  readonly afterRows: number;
  readonly afterBytes: number;
  /** How long nothing was stored before the work is done. */
  readonly quietMs: number;
  /** More updates than this, and as many bytes as the document had, are not left for a quiet moment; twice as many never are. */
  readonly maxRows: number;
}

/** What is stored of a document. */
export interface StoredRows {
  readonly count: number;
  /** Bytes of the oldest: what was there when it was compacted last. */
  readonly whole: number;
  /** Bytes of the others. */
  readonly tail: number;
  /** Up to so many another try would find what the last found, which left them as they are. */
  readonly triedAt: number;
  /** When the last came, in ms of a clock that nobody sets. */
  readonly changedAt: number;
}

export type CompactionDecision =
  /** It would cost more than it gains, until more comes. */
  | { readonly type: 'not-worth-it' }
  /** It is worth it, when nothing comes for so long. */
  | { readonly type: 'look-again'; readonly ms: number }
  | { readonly type: 'compact' };

const NOT_WORTH_IT: CompactionDecision = { type: 'not-worth-it' };
const COMPACT: CompactionDecision = { type: 'compact' };

const sum = (sizes: readonly number[]): number => sizes.reduce((bytes, size) => bytes + size, 0);

/** As they were found, oldest first. */
export const rowsFound = (sizes: readonly number[], now: number): StoredRows => ({
  count: sizes.length,
  whole: sizes[0] ?? 0,
  tail: sum(sizes.slice(1)),
  triedAt: 0,
  changedAt: now,
});

export const rowsAdded = (rows: StoredRows, sizes: readonly number[], now: number): StoredRows => ({
  ...rows,
  count: rows.count + sizes.length,
  tail: rows.tail + sum(sizes),
  changedAt: now,
});

/** `asked`: the rows when the work was asked for; what came since is behind the one that `updates` of them have become. */
export const rowsCompacted = (
  rows: StoredRows,
  asked: StoredRows,
  made: { readonly updates: number; readonly bytes: number },
): StoredRows => ({
  ...rows,
  count: Math.max(1, rows.count - made.updates + 1),
  whole: made.bytes,
  tail: Math.max(0, rows.tail - asked.tail),
  triedAt: 0,
});

export const rowsKept = (rows: StoredRows): StoredRows => ({ ...rows, triedAt: rows.count });

/**
 * The work is in proportion to the whole document: it waits until what is to gain is so, too, and until nobody writes. To open
 * a document takes longer by what each row takes, whatever is in it: so rows are bounded, bytes are not.
 */
export const decideCompaction = (
  { count, whole, tail, triedAt, changedAt }: StoredRows,
  { afterRows, afterBytes, quietMs, maxRows }: CompactionBounds,
  now: number,
): CompactionDecision => {
  if (count <= triedAt + afterRows) return NOT_WORTH_IT;
  const isMany = count > maxRows;
  if (!isMany && tail < Math.max(whole, afterBytes)) return NOT_WORTH_IT;
  if (isMany && (tail >= whole || count > 2 * maxRows)) return COMPACT;
  const left = changedAt + quietMs - now;
  return left > 0 ? { type: 'look-again', ms: left } : COMPACT;
};
