import type { EpochBody, StreamBody } from '@baton/schema/http';
import type { EventId, StreamId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type Poll, type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeEpochs, decodeStreams } from '../platform/relay-body.ts';

/** The event's streams with their counts, and each one's epochs; at most a second or two old. */
export interface StreamsStore {
  readonly streams: ReadonlySignal<Live<readonly StreamBody[]>>;
  readonly epochs: ReadonlySignal<ReadonlyMap<StreamId, readonly EpochBody[]>>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

const STREAMS_MS = 1000;
const EPOCHS_MS = 2000;

export const createStreamsStore = (deps: PollDeps, eventId: EventId): StreamsStore => {
  const streams = signal<Live<readonly StreamBody[]>>(WAITING);
  const epochs = signal<ReadonlyMap<StreamId, readonly EpochBody[]>>(new Map());
  const polls = new Map<StreamId, Poll>();

  const followEpochs = (streamId: StreamId): Poll =>
    startPoll(deps, {
      path: `/api/v1/streams/${encodeURIComponent(streamId)}/epochs`,
      decode: decodeEpochs,
      everyMs: EPOCHS_MS,
      onChange: ({ value }) => {
        if (value !== null && value !== epochs.value.get(streamId)) {
          epochs.value = new Map(epochs.value).set(streamId, value);
        }
      },
    });

  const matchPolls = (rows: readonly StreamBody[]): void => {
    const wanted = new Set(rows.map((it) => it.streamId));
    for (const [streamId, poll] of polls) {
      if (wanted.has(streamId)) continue;
      poll.stop();
      polls.delete(streamId);
    }
    for (const streamId of wanted) if (!polls.has(streamId)) polls.set(streamId, followEpochs(streamId));
  };

  const poll = startPoll(deps, {
    path: `/api/v1/streams?${new URLSearchParams({ eventId })}`,
    decode: decodeStreams,
    everyMs: STREAMS_MS,
    isKept: true,
    onChange: (live) => {
      streams.value = live;
      matchPolls(live.value ?? []);
    },
  });

  const every = (): readonly Poll[] => [poll, ...polls.values()];
  return {
    streams,
    epochs,
    refresh: () => {
      for (const it of every()) it.refresh();
    },
    stop: () => {
      for (const it of every()) it.stop();
    },
  };
};
