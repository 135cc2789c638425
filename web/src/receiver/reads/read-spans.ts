/**
 * A list of any number of reads, newest first, cut into spans of positions of which each has at most `SPAN_ROWS` reads: from
 * them a row's number leads to the span to fetch, and nothing else of the list is kept in memory.
 */
export interface ReadSpan {
  /** Positions after this one… */
  readonly lo: number;
  /** …up to this one. */
  readonly hi: number;
  readonly rows: number;
}

export const SPAN_ROWS = 200;

/** Positions looked at in one step of counting, and the widest span. */
export const STEP_POSITIONS = 50_000;

/** Every position has a read. */
export const denseSpans = (lo: number, hi: number): readonly ReadSpan[] => {
  const spans: ReadSpan[] = [];
  for (let top = hi; top > lo; top -= SPAN_ROWS) {
    const bottom = Math.max(lo, top - SPAN_ROWS);
    spans.push({ lo: bottom, hi: top, rows: top - bottom });
  }
  return spans;
};

/** `marks`: position of every `SPAN_ROWS`th read, from the newest on. */
export const markedSpans = (
  lo: number,
  hi: number,
  counted: { readonly rows: number; readonly marks: readonly number[] },
): readonly ReadSpan[] => {
  const spans: ReadSpan[] = [];
  let top = hi;
  for (const mark of counted.marks) {
    spans.push({ lo: mark - 1, hi: top, rows: SPAN_ROWS });
    top = mark - 1;
  }
  const rest = counted.rows - counted.marks.length * SPAN_ROWS;
  return rest > 0 ? [...spans, { lo, hi: top, rows: rest }] : spans;
};

const canJoin = (newer: ReadSpan, older: ReadSpan): boolean =>
  newer.rows + older.rows <= SPAN_ROWS && newer.hi - older.lo <= STEP_POSITIONS;

/** `newer` on top of `older`; small ones become one, so that reads that come one by one do not make a span each. */
export const joinSpans = (newer: readonly ReadSpan[], older: readonly ReadSpan[]): readonly ReadSpan[] => {
  const [last, first] = [newer.at(-1), older[0]];
  if (last === undefined || first === undefined || !canJoin(last, first)) return [...newer, ...older];
  return [...newer.slice(0, -1), { lo: first.lo, hi: last.hi, rows: last.rows + first.rows }, ...older.slice(1)];
};

/** How many reads there are up to the end of each span. */
export const endsOf = (spans: readonly ReadSpan[]): readonly number[] => {
  let sum = 0;
  return spans.map(({ rows }) => {
    sum += rows;
    return sum;
  });
};

/** The span that holds row `index`, and where in it, from its oldest read on; null: there is none. */
export const locate = (
  spans: readonly ReadSpan[],
  ends: readonly number[],
  index: number,
): { readonly span: ReadSpan; readonly fromOldest: number } | null => {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span === undefined ? null : { span, fromOldest: (ends[low] ?? 0) - 1 - index };
};
