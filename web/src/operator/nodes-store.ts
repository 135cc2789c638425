import type { NodeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeNodes } from '../platform/relay-body.ts';
import { type Backlogs, foldBacklogs } from './node-alarms.ts';

/** Forwarders and receivers that attach to the event. */
export interface NodesStore {
  readonly nodes: ReadonlySignal<Live<readonly NodeBody[]>>;
  readonly backlogs: ReadonlySignal<Backlogs>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

const EVERY_MS = 3000;

export const createNodesStore = (deps: PollDeps, eventId: EventId): NodesStore => {
  const nodes = signal<Live<readonly NodeBody[]>>(WAITING);
  const backlogs = signal<Backlogs>(new Map());
  const poll = startPoll(deps, {
    path: `/api/v1/events/${encodeURIComponent(eventId)}/nodes`,
    decode: decodeNodes,
    everyMs: EVERY_MS,
    isKept: true,
    onChange: (live) => {
      // an answer that did not change says nothing new of a backlog
      if (live.value !== null && live.value !== nodes.value.value)
        backlogs.value = foldBacklogs(backlogs.value, live.value);
      nodes.value = live;
    },
  });
  return { nodes, backlogs, refresh: poll.refresh, stop: poll.stop };
};
