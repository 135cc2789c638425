import type { EventBody } from '@baton/schema/http';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeEvents } from '../platform/relay-body.ts';

/** The events this token may see. */
export interface EventsStore {
  readonly events: ReadonlySignal<Live<readonly EventBody[]>>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

const EVERY_MS = 5000;

export const createEventsStore = (deps: PollDeps): EventsStore => {
  const events = signal<Live<readonly EventBody[]>>(WAITING);
  const poll = startPoll(deps, {
    path: '/api/v1/events',
    decode: decodeEvents,
    everyMs: EVERY_MS,
    isKept: true,
    onChange: (live) => {
      events.value = live;
    },
  });
  return { events, refresh: poll.refresh, stop: poll.stop };
};
