import type { Log, Timers } from '@baton/schema/ports';
import type { DownMessage, ReadsFrame, UpMessageInput } from '@baton/schema/protocol';
import { clockToJson, decodeBatch, type Pair, pairFromKey, type VectorClock } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import type { Selection } from '@baton/schema/selection';
import type { Connection, ConnectionHandlers } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { ApplyReply, Replica } from '../replica/replica.ts';
import { createCommitQueue } from './commit-queue.ts';
import { createEpochRepair, followVerdicts, type RepairError } from './epoch-repair.ts';
import { beginPull, mayJoinMore, type PullEffect, type PullInput, type PullState, stepPull } from './pull-state.ts';
import { type PullStatus, pullStatus } from './pull-status.ts';

export interface PullClientDeps {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly log: Log;
  /** Makes the connection of this client; it stays offline until `connect`. */
  readonly openConnection: (handlers: ConnectionHandlers) => Connection;
}

export interface PullClientOptions {
  readonly selection: Selection;
  /** Reads that may be outstanding: what a stalled replica costs in memory. 20,000 by default. */
  readonly window?: number;
  /** Reads of one transaction while history comes. 10,000 by default. */
  readonly joinReads?: number;
  /** Longest wait for more of them, in ms. 50 by default. */
  readonly joinMs?: number;
  /** How often a selection is asked for again whose race the relay does not know, in ms. 5,000 by default. */
  readonly askAgainMs?: number;
}

/** Keeps a replica at what is selected, whenever there is a relay. Browser-safe. */
export interface PullClient {
  readonly connect: () => void;
  readonly disconnect: () => void;
  /** Replaces the selection, connected or not. */
  readonly select: (selection: Selection) => void;
  /**
   * Drops what is held of an epoch and pulls it again. Only of a selected epoch and in a session: without a relay, a copy with a
   * fault is worth more than none.
   */
  readonly repair: (pair: Pair) => Promise<Result<void, RepairError>>;
  readonly status: () => PullStatus;
  /** Called after each change of the status. Returns the way to stop. */
  readonly onStatus: (listener: (status: PullStatus) => void) => () => void;
  /** Detaches and waits for the transaction under way; idempotent. */
  readonly close: () => Promise<void>;
}

const DEFAULTS = { window: 20_000, joinReads: 10_000, joinMs: 50, askAgainMs: 5000 };

const describeEnd = (state: ConnectionState): string =>
  state.type === 'waiting' || state.type === 'stopped' ? state.reason : 'disconnected';

const ackOf = (raised: VectorClock): UpMessageInput => ({
  type: 'ack',
  entries: [...raised].flatMap(([key, seq]) => {
    const pair = pairFromKey(key);
    return pair === null ? [] : [{ ...pair, seq }];
  }),
});

const messageOf = (effect: Extract<PullEffect, { type: 'sendSelect' | 'sendCredit' | 'sendAck' }>): UpMessageInput => {
  switch (effect.type) {
    case 'sendSelect':
      return { type: 'select', selection: effect.selection, clock: clockToJson(effect.clock) };
    case 'sendCredit':
      return { type: 'credit', reads: effect.reads };
    case 'sendAck':
      return ackOf(effect.raised);
  }
};

/** What the relay says to this machine; null: it is for others, or only to be logged. */
const messageToInput = (message: DownMessage): PullInput | null => {
  switch (message.type) {
    case 'applied':
      return { type: 'applied', applied: message };
    case 'caughtUp':
      return { type: 'caughtUp' };
    case 'heads':
      return { type: 'heads', heads: message.heads };
    case 'error':
      return message.error.code === 'UNKNOWN_RACE' ? { type: 'unknownRace' } : null;
    case 'welcome':
    case 'pushed':
    case 'epochCommand':
    case 'heartbeat':
      return null;
  }
};

const frameToInput = (frame: ReadsFrame): PullInput => {
  const batch = decodeBatch(frame.batch);
  return batch.ok
    ? { type: 'frame', pair: frame, firstSeq: frame.firstSeq, count: batch.value.count }
    : { type: 'malformed', reason: batch.error.message };
};

const describeReply = (reply: Exclude<ApplyReply, { type: 'applied' | 'full' }>): string =>
  reply.type === 'gap'
    ? `the replica expects read ${reply.expected} of ${reply.key}, got ${reply.firstSeq}`
    : `the replica could not store: ${reply.message}`;

const replyToInput = (reply: ApplyReply, reads: number): PullInput => {
  if (reply.type === 'applied') return { type: 'committed', raised: reply.raised, reads };
  if (reply.type === 'full') return { type: 'noSpace', reason: reply.message };
  return { type: 'notStored', reason: describeReply(reply) };
};

/** Drives `pull-state` over a connection and a replica. Stays offline until `connect`. */
export const createPullClient = async (deps: PullClientDeps, options: PullClientOptions): Promise<PullClient> => {
  const { replica, timers, log } = deps;
  const { window, joinReads, joinMs, askAgainMs } = { ...DEFAULTS, ...options };
  const listeners = new Set<(status: PullStatus) => void>();
  let state: PullState = beginPull(options.selection, await replica.clock(), await replica.targets());
  /** Rises with each session and each end of one, so that a late answer is known as such. */
  let session = 0;

  const apply = (input: PullInput, frame?: ReadsFrame): void => {
    const before = state;
    const step = stepPull(state, input, { window });
    state = step.state;
    for (const effect of step.effects) perform(effect, frame);
    if (state !== before) tell();
  };

  const tell = (): void => {
    if (listeners.size === 0) return;
    const status = pullStatus(state);
    for (const listener of listeners) listener(status);
  };

  const perform = (effect: PullEffect, frame?: ReadsFrame): void => {
    switch (effect.type) {
      case 'sendSelect':
      case 'sendCredit':
      case 'sendAck':
        connection.send(messageOf(effect));
        return;
      case 'store':
        if (frame !== undefined) queue.push(frame, effect.reads);
        return;
      case 'keepTargets':
        void replica.applyTargets(effect.targets);
        return;
      case 'repair':
        void drop(effect.pair);
        return;
      case 'settle':
        connection.settle();
        return;
      case 'restart':
        log.warn('the session is ended and begun again', { reason: effect.reason });
        connection.restart(effect.reason);
    }
  };

  const { drop, repair } = createEpochRepair({
    ...deps,
    state: () => state,
    onDropped: (pair) => apply({ type: 'dropped', pair }),
  });

  const queue = createCommitQueue(
    {
      replica,
      timers,
      mayWait: (queued) => mayJoinMore(state, queued, joinReads),
      onReply: (reply, reads) => apply(replyToInput(reply, reads)),
    },
    joinMs,
  );

  /** Nothing of the former session may be under way when the replica is asked what it holds. */
  const join = async (): Promise<void> => {
    const mine = ++session;
    await queue.idle();
    const clock = await replica.clock();
    if (mine === session) apply({ type: 'welcomed', clock });
  };

  const follow = (message: DownMessage): void => {
    const input = messageToInput(message);
    if (input !== null) apply(input);
    else if (message.type === 'error') log.warn('the relay reports an error', { ...message.error, details: undefined });
    queue.wake();
  };

  const followConnection = (next: ConnectionState): void => {
    if (next.type === 'live') return;
    session++;
    queue.clear();
    if (next.type === 'connecting' || next.type === 'greeting') apply({ type: 'dialing' });
    else apply({ type: 'ended', reason: describeEnd(next), stopped: next.type === 'stopped' });
  };

  const connection = deps.openConnection({
    onWelcome: () => void join(),
    onMessage: follow,
    onReads: (frame) => apply(frameToInput(frame), frame),
    onState: followConnection,
  });
  const stopVerdicts = await followVerdicts(replica, (progress) => apply({ type: 'compared', progress }));
  const asking = timers.every(askAgainMs, () => apply({ type: 'askAgain' }));

  return {
    connect: connection.connect,
    disconnect: connection.disconnect,
    select: (selection) => apply({ type: 'selected', selection }),
    repair,
    status: () => pullStatus(state),
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      asking.clear();
      stopVerdicts();
      connection.close();
      await queue.idle();
    },
  };
};
