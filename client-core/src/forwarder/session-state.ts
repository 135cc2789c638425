import type { PushOutcome } from '@baton/schema/protocol';
import { type EpochLog, epochOf, type StreamLog } from './stream-log.ts';

/**
 * What to send next, and what the relay's answers mean. Pure.
 *
 * ```text
 *   idle ──start (welcome reconciled and durable)──▶ sending ──fenced──▶ fenced (for good)
 *     ▲                                                 │
 *     └────────────────── stop (session over) ◀─────────┘
 * ```
 * Several pushes of one epoch travel at once, once the lane is `proven`: the relay's head is a read of ours.
 * Before that one travels alone; else a push behind a conflicting one could join on to somebody
 * else's reads. When one fails, those sent behind it fail too: the lane's `generation` rises, and
 * answers to pushes of an older generation no longer steer it.
 */
export type SessionState =
  | { readonly type: 'idle' }
  | {
      readonly type: 'sending';
      readonly limits: SendLimits;
      readonly lanes: ReadonlyMap<LaneKey, Lane>;
      readonly inFlight: ReadonlyMap<number, Push>;
      readonly nextPushId: number;
      /** Readers whose reads the relay did not take. */
      readonly holds: ReadonlyMap<string, Hold>;
    }
  | { readonly type: 'fenced' };

type Sending = Extract<SessionState, { type: 'sending' }>;

export interface SendLimits {
  /** Pushes without an answer, at most. */
  readonly window: number;
  readonly batchReads: number;
}

/** One (reader, epoch) of this session. */
export interface Lane {
  /** Highest seq handed to the socket. */
  readonly sent: number;
  readonly generation: number;
  /** The relay holds nothing of the epoch that this session has not sent or the relay acked. */
  readonly proven: boolean;
}

export type LaneKey = string & { readonly LaneKey: true };

/**
 * `waiting`: nothing is sent until the wait is over; `trying`: sent again, and not yet taken;
 * `refused`: not in this session. `attempt` counts refusals in a row, from 0.
 */
export type Hold =
  | { readonly type: 'waiting'; readonly attempt: number }
  | { readonly type: 'trying'; readonly attempt: number }
  | { readonly type: 'refused'; readonly code: string };

export interface Push {
  readonly pushId: number;
  readonly reader: string;
  readonly epoch: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly generation: number;
}

export type SessionEffect =
  | { readonly type: 'acked'; readonly reader: string; readonly epoch: number; readonly seq: number }
  /** The relay has only `relayHead` of the epoch: sending goes on behind it. */
  | { readonly type: 'behind'; readonly reader: string; readonly epoch: number; readonly relayHead: number }
  /** Other bytes are stored under `seq`; what is here from there on needs an epoch of at least `freshEpoch`. */
  | {
      readonly type: 'conflict';
      readonly reader: string;
      readonly epoch: number;
      readonly seq: number;
      readonly freshEpoch: number;
    }
  | { readonly type: 'retryLater'; readonly reader: string; readonly attempt: number; readonly reason: string }
  | { readonly type: 'refused'; readonly reader: string; readonly code: string; readonly message: string }
  | { readonly type: 'fenced' };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

export const laneKey = (reader: string, epoch: number): LaneKey => `${epoch}/${reader}` as LaneKey;

export const startSending = (state: SessionState, limits: SendLimits): SessionState =>
  state.type === 'fenced'
    ? state
    : { type: 'sending', limits, lanes: new Map(), inFlight: new Map(), nextPushId: 1, holds: new Map() };

export const stopSending = (state: SessionState): SessionState => (state.type === 'fenced' ? state : { type: 'idle' });

const laneOf = (state: Sending, reader: string, it: EpochLog): Lane =>
  state.lanes.get(laneKey(reader, it.epoch)) ?? { sent: it.acked, generation: 0, proven: false };

const isHeld = (state: Sending, reader: string): boolean => {
  const hold = state.holds.get(reader);
  return hold !== undefined && hold.type !== 'trying';
};

const travels = (state: Sending, reader: string, epoch: number): boolean =>
  [...state.inFlight.values()].some((push) => push.reader === reader && push.epoch === epoch);

/** The push that an epoch has ready, or nothing. An acked part is never sent again, a deleted one cannot be. */
const readyPush = (state: Sending, reader: string, it: EpochLog): Omit<Push, 'pushId'> | null => {
  if (!it.confirmed) return null;
  const lane = laneOf(state, reader, it);
  if (!lane.proven && travels(state, reader, it.epoch)) return null;
  const firstSeq = Math.max(lane.sent, it.acked) + 1;
  const count = Math.min(it.durable - firstSeq + 1, state.limits.batchReads);
  if (count < 1 || firstSeq < it.first) return null;
  return { reader, epoch: it.epoch, firstSeq, count, generation: lane.generation };
};

/**
 * The next push: of each reader the oldest epoch first, readers in turn. Null when everything durable is on
 * its way or the window is full.
 */
export const nextPush = (state: SessionState, logs: readonly StreamLog[]): Push | null => {
  if (state.type !== 'sending' || state.inFlight.size >= state.limits.window) return null;
  for (let turn = 0; turn < logs.length; turn++) {
    const log = logs[(state.nextPushId + turn) % logs.length];
    if (log === undefined || isHeld(state, log.reader)) continue;
    for (const it of log.epochs) {
      const push = readyPush(state, log.reader, it);
      if (push !== null) return { ...push, pushId: state.nextPushId };
    }
  }
  return null;
};

/** The push has been handed to the socket. */
export const pushSent = (state: SessionState, push: Push): SessionState => {
  if (state.type !== 'sending') return state;
  const key = laneKey(push.reader, push.epoch);
  const proven = state.lanes.get(key)?.proven ?? false;
  const lane = { sent: push.firstSeq + push.count - 1, generation: push.generation, proven };
  return {
    ...state,
    lanes: new Map(state.lanes).set(key, lane),
    inFlight: new Map(state.inFlight).set(push.pushId, push),
    nextPushId: state.nextPushId + 1,
  };
};

/** Whether a push that was planned a moment ago may still go out as it is. */
export const isStillReady = (state: SessionState, log: StreamLog, push: Push): boolean => {
  const it = epochOf(log, push.epoch);
  if (state.type !== 'sending' || it === undefined || isHeld(state, push.reader)) return false;
  const now = readyPush(state, push.reader, it);
  return (
    push.pushId === state.nextPushId &&
    now?.firstSeq === push.firstSeq &&
    now.generation === push.generation &&
    now.count >= push.count
  );
};

/** A lane starts again behind `sent`; answers still to come for its earlier pushes are stale. */
const resetLane = (state: Sending, { reader, epoch }: Push, sent: number): Sending => {
  const key = laneKey(reader, epoch);
  const generation = (state.lanes.get(key)?.generation ?? 0) + 1;
  return { ...state, lanes: new Map(state.lanes).set(key, { sent, generation, proven: false }) };
};

/** The relay's head is a read of ours: nothing foreign can lie between what we send and what it holds. */
const prove = (state: Sending, { reader, epoch }: Push): Sending => {
  const key = laneKey(reader, epoch);
  const lane = state.lanes.get(key);
  if (lane === undefined || lane.proven) return state;
  return { ...state, lanes: new Map(state.lanes).set(key, { ...lane, proven: true }) };
};

const withHold = (state: Sending, reader: string, hold: Hold): Sending => ({
  ...state,
  holds: new Map(state.holds).set(reader, hold),
});

/** The relay took something of this reader: what it refused before is forgotten. */
const withoutHold = (state: Sending, reader: string): Sending => {
  if (state.holds.get(reader)?.type !== 'trying') return state;
  const holds = new Map(state.holds);
  holds.delete(reader);
  return { ...state, holds };
};

/** The answer to one push. Answers to pushes nobody remembers (of an earlier session) mean nothing. */
export const pushAnswered = (state: SessionState, outcome: PushOutcome): SessionStep => {
  if (state.type !== 'sending') return { state, effects: [] };
  const push = state.inFlight.get(outcome.pushId);
  if (push === undefined) return { state, effects: [] };
  const inFlight = new Map(state.inFlight);
  inFlight.delete(push.pushId);
  return judge({ ...state, inFlight }, push, outcome);
};

const judge = (state: Sending, push: Push, outcome: PushOutcome): SessionStep => {
  const { reader, epoch } = push;
  if (outcome.outcome === 'fenced') return { state: { type: 'fenced' }, effects: [{ type: 'fenced' }] };
  if (outcome.outcome === 'accepted' || outcome.outcome === 'duplicate') {
    const seq = push.firstSeq + push.count - 1;
    const taken = outcome.head <= seq ? prove(state, push) : state;
    return { state: withoutHold(taken, reader), effects: [{ type: 'acked', reader, epoch, seq }] };
  }
  const lane = state.lanes.get(laneKey(reader, epoch));
  if (lane?.generation !== push.generation) return { state, effects: [] };
  if (outcome.outcome === 'gap') {
    const relayHead = outcome.expected - 1;
    return { state: resetLane(state, push, relayHead), effects: [{ type: 'behind', reader, epoch, relayHead }] };
  }
  if (outcome.outcome === 'conflict') {
    const { seq, nextEpoch: freshEpoch } = outcome;
    return {
      state: resetLane(state, push, seq - 1),
      effects: [{ type: 'conflict', reader, epoch, seq, freshEpoch }],
    };
  }
  return judgeRefusal(state, push, outcome.error);
};

const judgeRefusal = (
  state: Sending,
  push: Push,
  error: Extract<PushOutcome, { outcome: 'refused' }>['error'],
): SessionStep => {
  const { reader } = push;
  const reset = resetLane(state, push, push.firstSeq - 1);
  if (error.retryable !== true) {
    return {
      state: withHold(reset, reader, { type: 'refused', code: error.code }),
      effects: [{ type: 'refused', reader, code: error.code, message: error.message }],
    };
  }
  const held = state.holds.get(reader);
  if (held?.type === 'waiting' || held?.type === 'refused') return { state: reset, effects: [] };
  const attempt = held === undefined ? 0 : held.attempt + 1;
  return {
    state: withHold(reset, reader, { type: 'waiting', attempt }),
    effects: [{ type: 'retryLater', reader, attempt, reason: `${error.code}: ${error.message}` }],
  };
};

/** The wait of a held reader is over. */
export const retryDue = (state: SessionState, reader: string): SessionState => {
  if (state.type !== 'sending') return state;
  const hold = state.holds.get(reader);
  return hold?.type === 'waiting' ? withHold(state, reader, { type: 'trying', attempt: hold.attempt }) : state;
};

/** Sends nothing more of a reader in this session. */
export const holdReader = (state: SessionState, reader: string, code: string): SessionState =>
  state.type === 'sending' ? withHold(state, reader, { type: 'refused', code }) : state;
