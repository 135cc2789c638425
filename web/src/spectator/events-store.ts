import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeEvents } from './list-body.ts';
import { EVENTS_PATH } from './list-paths.ts';
import type { EventInfo } from './public-body.ts';

/** The published events. */
export interface EventsStore {
  readonly events: ReadonlySignal<Live<readonly EventInfo[]>>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

const EVERY_MS = 10_000;

export const createEventsStore = (deps: PollDeps): EventsStore => {
  const events = signal<Live<readonly EventInfo[]>>(WAITING);
  const onChange = (live: Live<readonly EventInfo[]>): void => {
    events.value = live;
  };
  const poll = startPoll(deps, {
    path: EVENTS_PATH,
    decode: decodeEvents,
    everyMs: EVERY_MS,
    onChange,
    isKept: true,
  });
  return { events, refresh: poll.refresh, stop: poll.stop };
};
