import type { Clock } from '@baton/schema/ports';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { FeedFrame } from './feed-body.ts';
import { createFeedConnection, type FeedConnectionDeps } from './feed-connection.ts';
import type { Link } from './feed-link.ts';
import { type FeedState, type JoinStep, joinPage, takeFrame, withoutWindow } from './feed-state.ts';
import { type AskedEvent, askedState, pollEvent } from './polled-event.ts';
import type { ResultsPage } from './public-body.ts';
import { eventPath } from './public-paths.ts';
import { type RowFilter, windowOf } from './row-window.ts';

export interface EventSourceDeps
  extends Pick<FeedConnectionDeps, 'http' | 'openSocket' | 'timers' | 'random' | 'attention' | 'isAwaited'> {
  readonly clock: Clock;
  /** What the device kept of the event, true at `at`. */
  readonly known: { readonly state: FeedState; readonly at: number } | null;
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
  /** Tries now. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

export const createEventSource = (deps: EventSourceDeps, eventId: string): EventSource => {
  const { clock } = deps;
  const state = signal<FeedState | null>(deps.known?.state ?? null);
  const link = signal<Link>({ type: 'connecting' });
  const confirmedAt = signal<number | null>(deps.known?.at ?? null);
  const skewMs = signal(0);

  const onConfirmed = (): void => {
    confirmedAt.value = clock.now();
  };

  const onAsked = (asked: AskedEvent): void =>
    batch(() => {
      state.value = askedState(state.peek(), asked);
      if (asked.event.status === 'official') onLink({ type: 'final' });
      onConfirmed();
    });
  const polls = pollEvent(deps, eventId, onAsked);

  const onLink = (to: Link): void => {
    link.value = to;
    if (to.type === 'polling' || to.type === 'final') polls.start(to.type);
    else polls.stop();
  };

  const take = (frame: FeedFrame, isFirst: boolean): boolean => {
    const step = takeFrame(isFirst ? null : state.peek(), frame);
    if (step.type !== 'held') return false;
    batch(() => {
      if (frame.type === 'full') skewMs.value = frame.data.asOf - clock.now();
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
    refresh: () => {
      polls.refresh();
      connection.refresh();
    },
    stop: () => {
      connection.stop();
      polls.stop();
    },
  };
};
