import type { StreamId } from '@baton/schema/ids';
import type { PairKey, VectorClock } from '@baton/schema/reads';
import { COMPARED, type LinkState, otherSide, type PairState, type Side } from './link-state.ts';

/** A stream that both relays know. */
export interface LinkedStream {
  readonly streamId: StreamId;
  /** Where its forwarder is attached; null: nowhere, as far as is known. */
  readonly writer: Side | null;
}

export interface LinkSelection {
  readonly streams: readonly StreamId[];
  readonly clock: VectorClock;
}

/** A manual selection names at most so many. */
const MAX_STREAMS = 1000;

/**
 * Where delivery of a pair by `side` begins: behind what the other side holds, but what has grown on both since it was compared
 * goes over once more. The side that holds more sends it; where both hold the same it is the one here.
 */
const startAt = (pair: PairState, side: Side): number => {
  const other = otherSide(side);
  const { heads, coming, same, differsAt } = pair;
  if (differsAt !== null) return Math.max(heads.here, heads.there);
  const shared = Math.min(heads.here, heads.there);
  const compares = heads[side] > heads[other] || (heads[side] === heads[other] && side === 'here');
  if (compares && shared > same && coming[other] === heads[other]) return Math.max(same, shared - COMPARED);
  return coming[other];
};

/**
 * What the link asks of one side: every stream but those that are written at the other, for what it has of these came through the
 * link. Unless it holds more of one all the same: its forwarder has moved.
 */
export const selectionAt = (state: LinkState, side: Side, streams: readonly LinkedStream[]): LinkSelection => {
  const other = otherSide(side);
  const wanted = new Set(streams.filter(({ writer }) => writer !== other).map(({ streamId }) => streamId));
  const linked = new Set(streams.map(({ streamId }) => streamId));
  const clock = new Map<PairKey, number>();
  for (const [key, pair] of state.pairs) {
    if (!linked.has(pair.streamId)) continue;
    const start = startAt(pair, side);
    if (start < pair.heads[side] && pair.differsAt === null) wanted.add(pair.streamId);
    clock.set(key, start);
  }
  return { streams: [...wanted].sort().slice(0, MAX_STREAMS), clock };
};

/** Whether both sides hold the same reads of everything that is carried, and nothing is on its way. */
export const isInStep = (state: LinkState): boolean => {
  const isQuiet = ({ queue, inFlight, held }: LinkState['flows'][Side]): boolean =>
    queue.length === 0 && inFlight.size === 0 && !held;
  if (!isQuiet(state.flows.here) || !isQuiet(state.flows.there)) return false;
  for (const { heads, same, differsAt } of state.pairs.values()) {
    if (differsAt === null && (heads.here !== heads.there || same < heads.here)) return false;
  }
  return true;
};
