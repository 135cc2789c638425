import type { StreamBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeStreams } from '../platform/relay-body.ts';

/** The event's streams, to choose from and for their names. */
export interface StreamsStore {
  readonly streams: ReadonlySignal<Live<readonly StreamBody[]>>;
  readonly stop: () => void;
}

const EVERY_MS = 3000;

export const createStreamsStore = (deps: PollDeps, eventId: EventId): StreamsStore => {
  const streams = signal<Live<readonly StreamBody[]>>(WAITING);
  const poll = startPoll(deps, {
    path: `/api/v1/streams?${new URLSearchParams({ eventId })}`,
    decode: decodeStreams,
    everyMs: EVERY_MS,
    onChange: (live) => {
      streams.value = live;
    },
  });
  return { streams, stop: poll.stop };
};
