import type { Clock } from '@baton/schema/ports';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { KnownFrame } from './feed-body.ts';
import { createFeedConnection, type FeedConnectionDeps } from './feed-connection.ts';
import type { Link } from './feed-link.ts';
import { type FeedState, type JoinStep, joinPage, takeFrame, withoutHeads, withoutWindow } from './feed-state.ts';
import type { AskedEvent, EventPolls } from './polled-event.ts';
import type { ResultsPage } from './public-body.ts';
import { eventPath } from './public-paths.ts';
import { type RowFilter, windowOf } from './row-window.ts';

export interface EventSourceDeps
  extends Pick<FeedConnectionDeps, 'http' | 'openSocket' | 'timers' | 'random' | 'attention' | 'isAwaited'> {
  readonly clock: Clock;
  readonly loadPolls: () => Promise<Pick<typeof import('./polled-event.ts'), 'pollEvent'>>;
}

export interface AskedList {
  readonly filter: RowFilter;
  readonly limit: number;
  readonly page: ResultsPage;
}

/** One event as the relay tells it: by its feed, and by asking where there is none. */
export interface EventSource {
  readonly state: ReadonlySignal<FeedState | null>;
  readonly link: ReadonlySignal<Link>;
  /** When what is held was last known to be all there is, by the device's clock; null: never. */
  readonly confirmedAt: ReadonlySignal<number | null>;
  /** By how much the relay's clock is ahead of the device's, in ms. */
  readonly skewMs: ReadonlySignal<number>;
  /** Puts a list that was asked for beside what is held. */
  readonly put: (key: string, list: AskedList) => JoinStep['type'] | 'put';
  readonly drop: (key: string) => void;
  /** Shows what the device kept, true at `at`, until the relay says something. */
  readonly recall: (state: FeedState, at: number) => void;
  /** Tries now. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

/** What was asked for without a feed is of no cut. */
const NO_CUT = { hub: '', version: 0, recent: [], asOf: 0, venue: null };
const NOTHING_HELD: Pick<FeedState, 'windows' | 'onCourseTotals'> = { windows: new Map(), onCourseTotals: new Map() };

/** Less than what a frame is on its way is no difference of clocks. */
const skewOf = (ms: number): number => (Math.abs(ms) < 2000 ? 0 : ms);

export const createEventSource = (deps: EventSourceDeps, eventId: string): EventSource => {
  const { clock } = deps;
  const state = signal<FeedState | null>(null);
  const link = signal<Link>({ type: 'connecting' });
  const confirmedAt = signal<number | null>(null);
  const skewMs = signal(0);
  let polls: EventPolls | null = null;
  let isStopped = false;

  const onConfirmed = (): void => {
    confirmedAt.value = clock.now();
  };

  const onAsked = (asked: AskedEvent): void =>
    batch(() => {
      const held = state.peek() ?? NOTHING_HELD;
      state.value = { ...held, windows: withoutHeads(held.windows), ...asked, ...NO_CUT };
      if (asked.event.status === 'official') onLink({ type: 'final' });
      onConfirmed();
    });

  const onLink = (to: Link): void => {
    link.value = to;
    if (to.type === 'polling' || to.type === 'final') void poll(to.type);
    else polls?.stop();
  };

  /** Most pages never ask: what asks is loaded when there is no feed. */
  const poll = async (pace: 'polling' | 'final'): Promise<void> => {
    polls ??= (await deps.loadPolls()).pollEvent(deps, eventId, onAsked);
    if (!isStopped && link.peek().type === pace) polls.start(pace);
  };

  const take = (frame: KnownFrame, isFirst: boolean): boolean => {
    const step = takeFrame(isFirst ? null : state.peek(), frame);
    if (step.type !== 'held') return false;
    batch(() => {
      // a full state may be old, a diff is of this moment
      if (frame.type === 'diff' && frame.data.asOf !== null) skewMs.value = skewOf(frame.data.asOf - clock.now());
      state.value = step.state;
      onConfirmed();
    });
    return true;
  };

  const put = (key: string, list: AskedList): JoinStep['type'] | 'put' => {
    const held = state.peek();
    if (held === null) return 'late';
    if (!connection.isLive()) {
      const window = windowOf(list.filter, list.limit, list.page, held.version);
      state.value = { ...held, windows: new Map(held.windows).set(key, window) };
      return 'put';
    }
    const step = joinPage(held, key, list);
    if (step.type === 'joined') state.value = step.state;
    return step.type;
  };

  const connection = createFeedConnection({
    ...deps,
    path: eventPath(eventId),
    take,
    held: state.peek.bind(state),
    onConfirmed,
    onLink,
  });

  return {
    state,
    link,
    confirmedAt,
    skewMs,
    put,
    drop: (key) => {
      const held = state.peek();
      if (held !== null) state.value = withoutWindow(held, key);
    },
    recall: (known, at) => {
      if (state.peek() !== null) return;
      batch(() => {
        state.value = known;
        confirmedAt.value = at;
      });
    },
    refresh: () => {
      polls?.refresh();
      connection.refresh();
    },
    stop: () => {
      isStopped = true;
      connection.stop();
      polls?.stop();
    },
  };
};
