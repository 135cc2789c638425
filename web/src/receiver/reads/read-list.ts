import type { ReplicaEnd } from '@baton/client-core';
import type { Row } from '../cell-values.ts';
import { countStatement, isFiltered, type ReadFilter } from './read-query.ts';
import { denseSpans, endsOf, joinSpans, locate, markedSpans, type ReadSpan, STEP_POSITIONS } from './read-spans.ts';

/** Asks the replica; null: it failed, and is tried again. */
export type Ask = (statement: {
  readonly sql: string;
  readonly params: readonly unknown[];
}) => Promise<readonly Row[] | null>;

/** Which spans a filtered list of reads has; counted in bounded steps, the newest first. */
export interface ReadList {
  readonly rows: () => number;
  /** There are older reads that are not counted yet. */
  readonly isCounting: () => boolean;
  readonly locate: (index: number) => ReturnType<typeof locate>;
  /**
   * Takes in what was stored until `end`. Answers how many rows are new on top; `anew`: reads were dropped, or it is another
   * database, and all begins again; null: it failed.
   */
  readonly takeNew: (end: ReplicaEnd) => Promise<number | 'anew' | null>;
  /** One step further back; false: it failed. */
  readonly countOlder: () => Promise<boolean>;
  /** What is meant by the filter has changed. */
  readonly forget: () => void;
}

/** From the newest position looked at down to the oldest counted. */
interface Known {
  readonly top: number;
  readonly bottom: number;
  /** Reads held when `top` was the newest, of all streams: if it does not rise as positions do, reads were dropped. */
  readonly held: number;
  readonly generation: number;
}

const NOTHING: Known = { top: 0, bottom: 0, held: 0, generation: -1 };

export const createReadList = (ask: Ask, filter: ReadFilter): ReadList => {
  let known = NOTHING;
  let spans: readonly ReadSpan[] = [];
  let ends: readonly number[] = [];

  const rows = (): number => ends.at(-1) ?? 0;
  const setSpans = (next: readonly ReadSpan[]): void => {
    spans = next;
    ends = endsOf(next);
  };

  const count = async (lo: number, hi: number): Promise<readonly ReadSpan[] | null> => {
    const [first] = (await ask(countStatement(filter, lo, hi))) ?? [];
    if (first === undefined) return null;
    const marks = Array.isArray(first[1]) ? first[1].map(Number) : [];
    return markedSpans(lo, hi, { rows: Number(first[0]), marks });
  };

  const beginAnew = ({ pos, generation }: ReplicaEnd, held: number): 'anew' => {
    const isDense = !isFiltered(filter) && held === pos;
    known = { top: pos, bottom: isDense ? 0 : pos, held, generation };
    setSpans(isDense ? denseSpans(0, pos) : []);
    return 'anew';
  };

  const takeNew = async (end: ReplicaEnd): Promise<number | 'anew' | null> => {
    const held = [...end.clock.values()].reduce((sum, it) => sum + it, 0);
    const isSame = end.generation === known.generation && held - known.held === end.pos - known.top;
    if (!isSame) return beginAnew(end, held);
    const before = rows();
    while (known.top < end.pos) {
      const hi = isFiltered(filter) ? Math.min(end.pos, known.top + STEP_POSITIONS) : end.pos;
      const fresh = isFiltered(filter) ? await count(known.top, hi) : denseSpans(known.top, hi);
      if (fresh === null) return null;
      setSpans(joinSpans(fresh, spans));
      known = { ...known, top: hi, held: known.held + hi - known.top };
    }
    return rows() - before;
  };

  return {
    rows,
    isCounting: () => known.bottom > 0 || known.generation < 0,
    locate: (index) => locate(spans, ends, index),
    takeNew,
    countOlder: async () => {
      const lo = Math.max(0, known.bottom - STEP_POSITIONS);
      const older = await count(lo, known.bottom);
      if (older === null) return false;
      setSpans(joinSpans(spans, older));
      known = { ...known, bottom: lo };
      return true;
    },
    forget: () => {
      known = NOTHING;
    },
  };
};
