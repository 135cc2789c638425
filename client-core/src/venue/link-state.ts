import type { PushFrame, PushOutcome } from '@baton/schema/protocol';
import { type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import { type CountedFrame, joinFirst } from './join-frames.ts';

/** The relay at the venue, and the one elsewhere. */
export type Side = 'here' | 'there';

export const SIDES: readonly Side[] = ['here', 'there'];

export const otherSide = (side: Side): Side => (side === 'here' ? 'there' : 'here');

export type BySide<T> = Readonly<Record<Side, T>>;

/** One (stream, epoch), as far as the link knows it. */
export interface PairState extends Pair {
  /** Highest seq that each side holds durably. */
  readonly heads: BySide<number>;
  /** Highest seq on its way to each side, at least its head. */
  readonly coming: BySide<number>;
  /** Up to here both sides were compared and are the same. Outlives sessions. */
  readonly same: number;
  /** The sides differ from this seq on: nothing of the pair is carried any more in this session. */
  readonly differsAt: number | null;
}

/** What goes to one side. */
export interface Flow {
  readonly queue: readonly CountedFrame[];
  readonly inFlight: ReadonlyMap<number, CountedFrame>;
  /** Pushes that may be unanswered. */
  readonly window: number;
  /** It refused: what comes for it is dropped until `resumed`, and then asked for again. */
  readonly held: boolean;
  /** Answers to earlier pushes no longer say where the side stands. */
  readonly since: number;
  /** Reads settled, for which the other side was not granted new credit yet. */
  readonly owed: number;
}

/**
 * The carrying of reads between two relays as a function of what happens. Everything the link believes about positions came from
 * the relays in this session; a new session begins with `joined`, and only what was seen to be the same is kept.
 */
export interface LinkState {
  readonly pairs: ReadonlyMap<PairKey, PairState>;
  readonly flows: BySide<Flow>;
  readonly nextPush: number;
}

export type LinkInput =
  /** Both sides are attached; what they hold. */
  | { readonly type: 'joined'; readonly heads: BySide<VectorClock>; readonly windows: BySide<number> }
  | { readonly type: 'arrived'; readonly from: Side; readonly frame: CountedFrame }
  | { readonly type: 'pushed'; readonly at: Side; readonly outcome: PushOutcome }
  /** A side told how far it is. */
  | { readonly type: 'heads'; readonly at: Side; readonly heads: VectorClock }
  /** After a pause that `hold` asked for. */
  | { readonly type: 'resumed'; readonly at: Side };

export type LinkEffect =
  | { readonly type: 'push'; readonly to: Side; readonly frame: PushFrame }
  | { readonly type: 'credit'; readonly to: Side; readonly reads: number }
  /** Select anew at this side: what was sent of late has not been taken at the other. */
  | { readonly type: 'select'; readonly at: Side }
  | { readonly type: 'hold'; readonly at: Side; readonly why: string }
  /** The sides hold different reads under one number. */
  | { readonly type: 'differs'; readonly pair: Pair; readonly seq: number; readonly at: Side };

export interface LinkStep {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** Reads that may be on their way through the link in each direction. */
export const LINK_CREDIT = 16_384;
/** Credit is granted again in such portions. */
const CREDIT_STEP = LINK_CREDIT / 4;
/** Reads of an epoch that both sides have which are sent again to be compared, when it has grown on both since the last time. */
export const COMPARED = 32;

const IDLE: Flow = { queue: [], inFlight: new Map(), window: 1, held: false, since: 0, owed: 0 };

export const NO_LINK: LinkState = { pairs: new Map(), flows: { here: IDLE, there: IDLE }, nextPush: 1 };

export const bySide = <T>(make: (side: Side) => T): BySide<T> => ({ here: make('here'), there: make('there') });

const keyOf = ({ streamId, epoch }: Pair): PairKey => pairKey(streamId, epoch);

const lastOf = ({ firstSeq, count }: CountedFrame): number => firstSeq + count - 1;

const UNKNOWN = { heads: { here: 0, there: 0 }, coming: { here: 0, there: 0 }, same: 0, differsAt: null };

const pairIn = (state: LinkState, { streamId, epoch }: Pair): PairState =>
  state.pairs.get(pairKey(streamId, epoch)) ?? { streamId, epoch, ...UNKNOWN };

const withPair = (state: LinkState, pair: PairState): LinkState => ({
  ...state,
  pairs: new Map(state.pairs).set(keyOf(pair), pair),
});

const withFlow = (state: LinkState, side: Side, change: Partial<Flow>): LinkState => ({
  ...state,
  flows: { ...state.flows, [side]: { ...state.flows[side], ...change } },
});

const raised = (pair: PairState, side: Side, head: number): PairState => ({
  ...pair,
  heads: { ...pair.heads, [side]: Math.max(pair.heads[side], head) },
  coming: { ...pair.coming, [side]: Math.max(pair.coming[side], head) },
});

/** Whether a side holds reads of the pair that were not compared. */
const isUnproved = (pair: PairState, side: Side): boolean => pair.same < pair.heads[side];

const isFlying = (flow: Pick<Flow, 'inFlight'>, key: PairKey): boolean =>
  [...flow.inFlight.values()].some((frame) => keyOf(frame) === key);

/**
 * The place in the queue of the frame that may go now; -1: none. While a side holds what was not compared, one push of the pair is
 * on its way at a time: the next would append to what the first is about to find different.
 */
const nextToSend = (state: LinkState, to: Side): number => {
  const { queue } = state.flows[to];
  const waiting = new Set<PairKey>();
  return queue.findIndex((frame) => {
    const key = keyOf(frame);
    if (waiting.has(key)) return false;
    waiting.add(key);
    return !isUnproved(pairIn(state, frame), to) || !isFlying(state.flows[to], key);
  });
};

const sendOne = (state: LinkState, to: Side, at: number): LinkStep => {
  const { queue, inFlight } = state.flows[to];
  const { frame, rest } = joinFirst(queue.slice(at));
  const { streamId, epoch, firstSeq, batch } = frame;
  const pushId = state.nextPush;
  const flow = { queue: [...queue.slice(0, at), ...rest], inFlight: new Map(inFlight).set(pushId, frame) };
  const push: LinkEffect = { type: 'push', to, frame: { streamId, epoch, firstSeq, batch, pushId } };
  return { state: { ...withFlow(state, to, flow), nextPush: pushId + 1 }, effects: [push] };
};

/** Sends what the window of a side lets through. */
const pump = (step: LinkStep, to: Side): LinkStep => {
  let { state } = step;
  const effects = [...step.effects];
  while (state.flows[to].inFlight.size < state.flows[to].window) {
    const at = nextToSend(state, to);
    if (at < 0) break;
    const sent = sendOne(state, to, at);
    state = sent.state;
    effects.push(...sent.effects);
  }
  return { state, effects };
};

/** So many reads need no room in the link any more: the side they came from may send others. */
const settle = ({ state, effects }: LinkStep, to: Side, reads: number): LinkStep => {
  const { held, owed: before } = state.flows[to];
  const owed = before + reads;
  // a side that takes nothing is sent nothing
  if (held || owed < CREDIT_STEP) return { state: withFlow(state, to, { owed }), effects };
  const credit: LinkEffect = { type: 'credit', to: otherSide(to), reads: owed };
  return { state: withFlow(state, to, { owed: 0 }), effects: [...effects, credit] };
};

const stepOf = (state: LinkState, effects: readonly LinkEffect[] = []): LinkStep => ({ state, effects });

type Input<T extends LinkInput['type']> = Extract<LinkInput, { type: T }>;

const allPairs = (state: LinkState, heads: BySide<VectorClock>): ReadonlySet<PairKey> =>
  new Set([...state.pairs.keys(), ...heads.here.keys(), ...heads.there.keys()]);

const pairOfKey = (key: PairKey): Pair => {
  const at = key.lastIndexOf('/');
  return { streamId: key.slice(0, at) as Pair['streamId'], epoch: Number(key.slice(at + 1)) };
};

const join = (state: LinkState, { heads: told, windows }: Input<'joined'>): LinkStep => {
  const pairs = new Map<PairKey, PairState>();
  for (const key of allPairs(state, told)) {
    const known = state.pairs.get(key) ?? { ...pairOfKey(key), ...UNKNOWN };
    const heads = bySide((side) => told[side].get(key) ?? 0);
    // a relay that was restored may hold less than was compared; and where they differed, they are compared anew: one may have been
    // restored from before that
    const same = Math.min(known.same, (known.differsAt ?? Number.POSITIVE_INFINITY) - 1, heads.here, heads.there);
    pairs.set(key, { ...known, heads, coming: heads, same, differsAt: null });
  }
  const since = state.nextPush;
  const flows = bySide((side) => ({ ...IDLE, window: windows[side], since }));
  const effects = SIDES.map((to): LinkEffect => ({ type: 'credit', to, reads: LINK_CREDIT }));
  return stepOf({ ...state, pairs, flows }, effects);
};

/** What the other side is known to have, and to have the same, goes nowhere: this is where a loop would close. */
const isEcho = (pair: PairState, to: Side, frame: CountedFrame): boolean =>
  lastOf(frame) <= pair.heads[to] && lastOf(frame) <= pair.same;

/** Sent before the link asked anew from further back; the same comes again, with what is between. */
const isAhead = (pair: PairState, to: Side, frame: CountedFrame): boolean => frame.firstSeq > pair.coming[to] + 1;

/**
 * It would go behind reads that the side holds and nobody compared: its own forwarder has brought them meanwhile. What is queued
 * or flying of the pair joins on without a gap, and proves them as it goes.
 */
const skipsProof = (state: LinkState, pair: PairState, to: Side, frame: CountedFrame): boolean => {
  if (!isUnproved(pair, to) || frame.firstSeq <= pair.heads[to]) return false;
  const flow = state.flows[to];
  return !isFlying(flow, keyOf(pair)) && !flow.queue.some((it) => keyOf(it) === keyOf(pair));
};

/** Asks for it anew, together with some of what is to be compared. */
const askForProof = (state: LinkState, pair: PairState, to: Side, frame: CountedFrame): LinkStep => {
  const back = { ...pair, coming: { ...pair.coming, [to]: pair.heads[to] } };
  const { state: now, effects } = settle(stepOf(withPair(state, back)), to, frame.count);
  return stepOf(now, [...effects, { type: 'select', at: otherSide(to) }]);
};

const arrive = (state: LinkState, { from, frame }: Input<'arrived'>): LinkStep => {
  const to = otherSide(from);
  const pair = raised(pairIn(state, frame), from, lastOf(frame));
  const known = withPair(state, pair);
  const flow = state.flows[to];
  const isDropped = flow.held || pair.differsAt !== null || isEcho(pair, to, frame) || isAhead(pair, to, frame);
  if (isDropped) return settle(stepOf(known), to, frame.count);
  if (skipsProof(known, pair, to, frame)) return askForProof(known, pair, to, frame);
  const coming = { ...pair.coming, [to]: Math.max(pair.coming[to], lastOf(frame)) };
  const queued = withFlow(withPair(known, { ...pair, coming }), to, { queue: [...flow.queue, frame] });
  return pump(stepOf(queued), to);
};

/** Drops what waits for a side of one pair, or of all. */
const drop = (state: LinkState, to: Side, of: Pair | null): LinkStep => {
  const isGone = (frame: CountedFrame): boolean => of === null || keyOf(frame) === keyOf(of);
  const { queue } = state.flows[to];
  const reads = queue.reduce((sum, frame) => sum + (isGone(frame) ? frame.count : 0), 0);
  return settle(stepOf(withFlow(state, to, { queue: queue.filter((frame) => !isGone(frame)) })), to, reads);
};

const taken = (state: LinkState, at: Side, frame: CountedFrame, head: number): LinkStep => {
  const pair = raised(pairIn(state, frame), at, head);
  return stepOf(withPair(state, { ...pair, same: Math.max(pair.same, lastOf(frame)) }));
};

/** The side stands elsewhere than was believed: what waits for it is dropped, and asked for again from where it stands. */
const stepBack = (state: LinkState, at: Side, frame: CountedFrame, head: number): LinkStep => {
  const pair = pairIn(state, frame);
  const back = { ...pair, heads: { ...pair.heads, [at]: head }, coming: { ...pair.coming, [at]: head } };
  const dropped = drop(withPair(state, { ...back, same: Math.min(pair.same, head) }), at, frame);
  const asked = withFlow(dropped.state, at, { since: state.nextPush });
  return stepOf(asked, [...dropped.effects, { type: 'select', at: otherSide(at) }]);
};

const differ = (state: LinkState, at: Side, frame: CountedFrame, seq: number): LinkStep => {
  const pair = pairIn(state, frame);
  if (pair.differsAt !== null) return stepOf(state);
  const { streamId, epoch } = pair;
  const dropped = drop(withPair(state, { ...pair, differsAt: seq }), at, frame);
  return stepOf(dropped.state, [...dropped.effects, { type: 'differs', pair: { streamId, epoch }, seq, at }]);
};

const hold = (state: LinkState, at: Side, why: string): LinkStep => {
  if (state.flows[at].held) return stepOf(state);
  const dropped = drop(withFlow(state, at, { held: true }), at, null);
  return stepOf(dropped.state, [...dropped.effects, { type: 'hold', at, why }]);
};

const outcomeStep = (state: LinkState, at: Side, frame: CountedFrame, outcome: PushOutcome): LinkStep => {
  const isStale = outcome.pushId < state.flows[at].since;
  switch (outcome.outcome) {
    case 'accepted':
    case 'duplicate':
      return taken(state, at, frame, outcome.head);
    case 'gap':
      return isStale ? stepOf(state) : stepBack(state, at, frame, outcome.expected - 1);
    case 'conflict':
      return differ(state, at, frame, outcome.seq);
    case 'refused':
      return isStale ? stepOf(state) : hold(state, at, `${outcome.error.code}: ${outcome.error.message}`);
    case 'fenced':
      // the connection ends with it
      return stepOf(state);
  }
};

const answered = (state: LinkState, { at, outcome }: Input<'pushed'>): LinkStep => {
  const frame = state.flows[at].inFlight.get(outcome.pushId);
  if (frame === undefined) return stepOf(state);
  const inFlight = new Map(state.flows[at].inFlight);
  inFlight.delete(outcome.pushId);
  const step = outcomeStep(withFlow(state, at, { inFlight }), at, frame, outcome);
  return pump(settle(step, at, frame.count), at);
};

/** Nothing is believed to be on its way any more: all of it is asked for again. */
const resume = (state: LinkState, { at }: Input<'resumed'>): LinkStep => {
  const pairs = new Map(
    [...state.pairs].map(([key, it]) => [key, { ...it, coming: { ...it.coming, [at]: it.heads[at] } }]),
  );
  const { owed } = state.flows[at];
  const open = withFlow({ ...state, pairs }, at, { held: false, since: state.nextPush, owed: 0 });
  const to = otherSide(at);
  const credit: readonly LinkEffect[] = owed > 0 ? [{ type: 'credit', to, reads: owed }] : [];
  return stepOf(open, [...credit, { type: 'select', at: to }]);
};

const learn = (state: LinkState, { at, heads }: Input<'heads'>): LinkStep => {
  const pairs = new Map(state.pairs);
  for (const [key, head] of heads) {
    pairs.set(key, raised(pairs.get(key) ?? { ...pairOfKey(key), ...UNKNOWN }, at, head));
  }
  return stepOf({ ...state, pairs });
};

/** The next state, and what is to be done. */
export const stepLink = (state: LinkState, input: LinkInput): LinkStep => {
  switch (input.type) {
    case 'joined':
      return join(state, input);
    case 'arrived':
      return arrive(state, input);
    case 'pushed':
      return answered(state, input);
    case 'heads':
      return learn(state, input);
    case 'resumed':
      return resume(state, input);
  }
};
