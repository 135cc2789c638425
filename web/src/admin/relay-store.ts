import { RelayBody } from '@baton/schema/http';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decoded } from '../platform/relay-body.ts';
import { readRate } from './relay-words.ts';

/** How the relay does, and how fast reads come. */
export interface RelayStore {
  readonly relay: ReadonlySignal<Live<RelayBody>>;
  /** Reads a second between the last two answers; null before there were two. */
  readonly readsPerSecond: ReadonlySignal<number | null>;
  readonly stop: () => void;
}

const EVERY_MS = 3000;

const decodeRelay = decoded(RelayBody);

export const createRelayStore = (deps: PollDeps): RelayStore => {
  const relay = signal<Live<RelayBody>>(WAITING);
  const readsPerSecond = signal<number | null>(null);
  const poll = startPoll(deps, {
    path: '/api/v1/relay',
    decode: decodeRelay,
    everyMs: EVERY_MS,
    onChange: (live) => {
      const before = relay.peek().value;
      if (live.value !== before) readsPerSecond.value = readRate(before, live.value);
      relay.value = live;
    },
  });
  return { relay, readsPerSecond, stop: poll.stop };
};
