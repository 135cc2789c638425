import type { Clock, Random, Timer, Timers } from '@baton/schema/ports';
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Http, HttpReply } from '../platform/http.ts';
import type { LiveProblem } from '../platform/live.ts';
import { pauseAfter } from '../platform/pause-after.ts';
import type { EventSource } from './event-source.ts';
import type { Link } from './feed-link.ts';
import { type FeedState, headKey } from './feed-state.ts';
import { decodeResults } from './public-body.ts';
import { resultsPath } from './public-paths.ts';
import { isEverybody, type RowFilter, type RowWindow } from './row-window.ts';

export interface ListQuery {
  readonly filter: RowFilter;
  /** At most so many rows. */
  readonly limit: number;
}

/** The rows of one list, as long as somebody looks at them. */
export interface FollowedList {
  /** What was known of the list last; null before the first answer. */
  readonly window: ReadonlySignal<RowWindow | null>;
  /** When these rows were last known to be what the relay has, by the device's clock. */
  readonly confirmedAt: ReadonlySignal<number | null>;
  /** Why there is no answer. */
  readonly problem: ReadonlySignal<LiveProblem | null>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

export interface ListDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly source: EventSource;
}

/** Between two answers where there is no feed. */
const POLL_MS = 4000;
const FINAL_MS = 60_000;
/** A list of which something cannot be told from the feed is asked for again after so long, and up to as long again. */
const UNSURE_MS = 4000;

/** What a list is held under. */
export const listKey = ({ filter, limit }: ListQuery): string =>
  JSON.stringify([filter.raceId, filter.category, filter.sex, filter.search, filter.bib, limit]);

/** Whether the head of a race, which the feed brings by itself, is all that is asked for. */
const hasHead = (state: FeedState, { filter, limit }: ListQuery): boolean => {
  const head = state.windows.get(headKey(filter.raceId));
  return isEverybody(filter) && head?.isSure === true && head.rows.length >= Math.min(head.total, limit);
};

const heldWindow = (state: FeedState, key: string, query: ListQuery): RowWindow | null => {
  const head = isEverybody(query.filter) ? state.windows.get(headKey(query.filter.raceId)) : undefined;
  if (head !== undefined && hasHead(state, query)) return { ...head, rows: head.rows.slice(0, query.limit) };
  return state.windows.get(key) ?? head ?? null;
};

/**
 * Follows a list through the event's feed, asking for it where the feed does not tell all.
 *
 * @param before shown until there is more: the same list, shorter
 */
export const followList = (
  deps: ListDeps,
  eventId: string,
  query: ListQuery,
  before: RowWindow | null = null,
): FollowedList => {
  const { source, timers, random } = deps;
  const key = listKey(query);
  const window = signal<RowWindow | null>(before);
  const confirmedAt = signal<number | null>(null);
  const problem = signal<LiveProblem | null>(null);
  let etag: string | null = null;
  let failures = 0;
  let answeredUnder: Link['type'] | null = null;
  let lastLink: Link['type'] | null = null;
  let isAsking = false;
  let stopped = false;
  let next: { readonly timer: Timer; readonly at: number } | null = null;

  const askIn = (ms: number): void => {
    const at = timers.mono() + ms;
    if (stopped || isAsking || (next !== null && next.at <= at)) return;
    next?.timer.clear();
    if (ms === 0) return void ask();
    next = { timer: timers.after(ms, () => void ask()), at };
  };

  const ask = async (): Promise<void> => {
    next?.timer.clear();
    next = null;
    isAsking = true;
    const reply = await deps.http(resultsPath(eventId, query.filter, query.limit), { etag });
    isAsking = false;
    if (!stopped) take(reply);
  };

  const failed = (why: LiveProblem | null): void => {
    problem.value = why;
    etag = null;
    askIn(pauseAfter(POLL_MS, ++failures, random.next()));
  };

  const take = (reply: HttpReply): void => {
    if (reply.type === 'unreachable') return failed(reply);
    if (reply.type === 'refused') return failed(reply);
    const page = reply.type === 'ok' ? decodeResults(reply.body) : null;
    if (reply.type === 'ok' && page === null) return failed({ type: 'unreadable' });
    if (reply.type === 'ok' && page !== null) {
      etag = reply.etag;
      const step = source.put(key, { ...query, page });
      // a list of another cut than the feed's: the next one will fit
      if (step === 'late' || step === 'other-hub') return failed(null);
    }
    failures = 0;
    problem.value = null;
    answeredUnder = source.link.peek().type;
    if (answeredUnder !== 'live') confirmedAt.value = deps.clock.now();
    plan();
  };

  /** When the list must be asked for again; null: the feed tells all of it, or nobody answers. */
  const dueIn = (state: FeedState, link: Link['type']): number | null => {
    if (link === 'polling') return answeredUnder === link ? POLL_MS : 0;
    if (link === 'final') return answeredUnder === link ? FINAL_MS : 0;
    if (link !== 'live' || hasHead(state, query)) return null;
    if (!state.windows.has(key)) return 0;
    return state.windows.get(key)?.isSure === false ? UNSURE_MS * (1 + random.next()) : null;
  };

  const plan = (): void => {
    const state = source.state.peek();
    if (state === null || failures > 0) return;
    const ms = dueIn(state, source.link.peek().type);
    if (ms !== null) return askIn(ms);
    next?.timer.clear();
    next = null;
  };

  const forget = effect(() => {
    const state = source.state.value;
    const link = source.link.value.type;
    const held = state === null ? null : heldWindow(state, key, query);
    // a new full state comes without the lists that were asked for: what was known stays until they have come
    if (held !== null) window.value = held;
    // the feed keeps what is held at what the relay has; what the device kept is as old as it says
    if (held !== null && (link === 'live' || link === 'connecting')) confirmedAt.value = source.confirmedAt.value;
    // "as before" cannot be put beside a feed
    if (link === 'live') etag = null;
    if (link !== lastLink) failures = 0;
    lastLink = link;
    plan();
  });

  return {
    window,
    confirmedAt,
    problem,
    refresh: () => askIn(0),
    stop: () => {
      stopped = true;
      next?.timer.clear();
      forget();
      source.drop(key);
    },
  };
};
