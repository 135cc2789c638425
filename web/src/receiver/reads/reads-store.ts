import type { Replica } from '@baton/client-core';
import type { Timer, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Row } from '../cell-values.ts';
import { type Ask, createReadList } from './read-list.ts';
import { type ReadFilter, spanStatement } from './read-query.ts';
import type { ReadSpan } from './read-spans.ts';

export interface ReadsView {
  /** Rows of the list. */
  readonly count: number;
  /** Reads that came while the list was held still: they are above its first row. */
  readonly fresh: number;
  /** Older reads are still being counted. */
  readonly isCounting: boolean;
  /** Why it cannot be shown; null: it can. */
  readonly problem: string | null;
}

/** All reads that the replica holds, newest first, of which only those looked at are in memory. */
export interface ReadsStore {
  /** Another one with each change of what `rowAt` answers. */
  readonly view: ReadonlySignal<ReadsView>;
  /** Null: it is being fetched, or not there. */
  readonly rowAt: (index: number) => Row | null;
  /** These rows are looked at: they are fetched. */
  readonly look: (first: number, last: number) => void;
  /** False: new reads wait above, so that nothing moves under somebody who reads. */
  readonly follow: (isFollowing: boolean) => void;
  readonly stop: () => void;
}

export interface ReadsDeps {
  readonly replica: Pick<Replica, 'select' | 'end' | 'onChange'>;
  readonly timers: Timers;
}

/** Commits of a burst are shown together. */
const PAUSE_MS = 200;
const RETRY_MS = 1000;
/** Spans in memory: at most 8,000 reads. */
const MOST_SPANS = 40;

/** The spans looked at last. A span that grew on top is there as far as it was. */
const createSpanCache = () => {
  const fetched = new Map<number, { readonly hi: number; readonly rows: readonly Row[] }>();
  return {
    rowAt: ({ lo }: ReadSpan, fromOldest: number): Row | null => fetched.get(lo)?.rows[fromOldest] ?? null,
    has: ({ lo, hi }: ReadSpan): boolean => fetched.get(lo)?.hi === hi,
    keep: ({ lo, hi }: ReadSpan, rows: readonly Row[]): void => {
      fetched.delete(lo);
      fetched.set(lo, { hi, rows });
      const [oldest] = fetched.keys();
      if (fetched.size > MOST_SPANS && oldest !== undefined) fetched.delete(oldest);
    },
    /** They stay on show until they were fetched again. */
    expire: (): void => {
      for (const [lo, { rows }] of fetched) fetched.set(lo, { hi: -1, rows });
    },
    clear: (): void => fetched.clear(),
  };
};

export const createReadsStore = ({ replica, timers }: ReadsDeps, filter: ReadFilter): ReadsStore => {
  const view = signal<ReadsView>({ count: 0, fresh: 0, isCounting: true, problem: null });
  const cache = createSpanCache();
  let [looked, fresh, isFollowing] = [{ first: 0, last: 0 }, 0, true];
  let [isStale, isAsked, isWorking, isStopped] = [true, false, false, false];
  let problem: string | null = null;
  let next: Timer | null = null;

  const ask: Ask = async ({ sql, params }) => {
    const answer = await replica.select(sql, params);
    problem = answer.ok ? null : answer.error.message;
    return answer.ok ? answer.value.rows : null;
  };
  const list = createReadList(ask, filter);

  const show = (): void => {
    if (isFollowing) fresh = 0;
    view.value = { count: Math.max(0, list.rows() - fresh), fresh, isCounting: list.isCounting(), problem };
  };

  const takeNew = async (): Promise<boolean> => {
    isStale = false;
    const taken = await list.takeNew(await replica.end());
    if (taken === 'anew') {
      cache.clear();
      fresh = 0;
    } else fresh += taken ?? 0;
    return taken !== null;
  };

  /** The first of the spans looked at that is not here as it is now. */
  const wanted = (): ReadSpan | null => {
    for (let index = looked.first; index <= looked.last; ) {
      const found = list.locate(index + fresh);
      if (found === null) return null;
      if (!cache.has(found.span)) return found.span;
      index += found.fromOldest + 1;
    }
    return null;
  };

  const fetchSpan = async (span: ReadSpan): Promise<boolean> => {
    const rows = await ask(spanStatement(filter, span.lo, span.hi));
    if (rows !== null) cache.keep(span, rows);
    return rows !== null;
  };

  /** One step of what is to be done; null: nothing is. What somebody looks at comes before what is only counted. */
  const step = async (): Promise<boolean | null> => {
    if (isStale) return takeNew();
    const span = wanted();
    if (span !== null) return fetchSpan(span);
    return list.isCounting() ? list.countOlder() : null;
  };

  const later = (ms: number): void => {
    next ??= timers.after(ms, () => {
      next = null;
      void work();
    });
  };

  const work = async (): Promise<void> => {
    // what is asked for while the last step ends must not be missed
    isAsked = true;
    if (isWorking) return;
    isWorking = true;
    while (isAsked && !isStopped) {
      isAsked = false;
      const done = await step();
      if (!isStopped) show();
      if (done === true) isAsked = true;
      if (done === false) {
        isStale = true;
        later(RETRY_MS);
      }
    }
    isWorking = false;
  };

  const stopChanges = replica.onChange(({ type }) => {
    if (type !== 'reads' && type !== 'setup' && type !== 'rebuilt') return;
    if (type === 'setup') {
      cache.expire();
      // whose chips they are decides which reads are meant
      if (filter.who !== '') list.forget();
    }
    isStale = true;
    if (isWorking) isAsked = true;
    else later(PAUSE_MS);
  });
  void work();

  return {
    view,
    rowAt: (index) => {
      const found = list.locate(index + fresh);
      return found === null ? null : cache.rowAt(found.span, found.fromOldest);
    },
    look: (first, last) => {
      looked = { first, last };
      void work();
    },
    follow: (following) => {
      if (isFollowing === following) return;
      isFollowing = following;
      show();
      void work();
    },
    stop: () => {
      isStopped = true;
      stopChanges();
      next?.clear();
    },
  };
};
