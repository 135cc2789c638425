import type { NodeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeNodes } from '../platform/relay-body.ts';

/** Forwarders and receivers that attach to the event. */
export interface NodesStore {
  readonly nodes: ReadonlySignal<Live<readonly NodeBody[]>>;
  readonly stop: () => void;
}

const EVERY_MS = 3000;

export const createNodesStore = (deps: PollDeps, eventId: EventId): NodesStore => {
  const nodes = signal<Live<readonly NodeBody[]>>(WAITING);
  const poll = startPoll(deps, {
    path: `/api/v1/events/${encodeURIComponent(eventId)}/nodes`,
    decode: decodeNodes,
    everyMs: EVERY_MS,
    onChange: (live) => {
      nodes.value = live;
    },
  });
  return { nodes, stop: poll.stop };
};
