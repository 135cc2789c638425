import type { StreamBody } from '@baton/schema/http';
import type { NodeId, StreamId } from '@baton/schema/ids';
import type { RelayNode } from '@baton/schema/protocol';
import { type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import type { LinkedStream } from './link-selection.ts';
import { type BySide, otherSide, type Side } from './link-state.ts';

/** The streams of an event as each relay lists them. */
export type StreamLists = BySide<readonly StreamBody[]>;

/** How the relay at a side sees the other end. */
const SIDE_SEEN_FROM: BySide<RelayNode['side']> = { here: 'upstream', there: 'venue' };
/** A capability names at most so many. */
const MAX_FORWARDERS = 1000;

const isAttached = ({ health }: StreamBody): boolean => health !== 'offline';

const forwardersAt = (streams: readonly StreamBody[]): NodeId[] =>
  [...new Set(streams.filter(isAttached).map(({ forwarderId }) => forwarderId))].sort().slice(0, MAX_FORWARDERS);

/** What the link says of itself to the relay at a side. */
export const relayNodeAt = (side: Side, lists: StreamLists): RelayNode => ({
  side: SIDE_SEEN_FROM[side],
  forwarders: forwardersAt(lists[otherSide(side)]),
});

const writerOf = (here: StreamBody, there: StreamBody): Side | null => {
  // at both: one of the two sessions is dead, and which will show
  if (isAttached(here) === isAttached(there)) return null;
  return isAttached(here) ? 'here' : 'there';
};

/** Streams that both relays know. */
export const linkedStreams = ({ here, there }: StreamLists): readonly LinkedStream[] => {
  const known = new Map(there.map((stream) => [stream.streamId, stream]));
  return here.flatMap((stream) => {
    const twin = known.get(stream.streamId);
    return twin === undefined ? [] : [{ streamId: stream.streamId, writer: writerOf(stream, twin) }];
  });
};

/** Streams that the other relay has and the one at this side does not. */
export const missingAt = (side: Side, lists: StreamLists): readonly StreamBody[] => {
  const known = new Set(lists[side].map(({ streamId }) => streamId));
  return lists[otherSide(side)].filter(({ streamId }) => !known.has(streamId));
};

/** Heads of the current epochs. */
export const headsIn = (streams: readonly StreamBody[]): VectorClock =>
  new Map(streams.map(({ streamId, epoch, head }): [PairKey, number] => [pairKey(streamId, epoch), head]));

const epochsIn = (streams: readonly StreamBody[]): ReadonlyMap<StreamId, number> =>
  new Map(streams.map(({ streamId, epoch }) => [streamId, epoch]));

export interface EpochWord {
  readonly streamId: StreamId;
  readonly epoch: number;
}

/** The current epoch is the higher of the two: what a relay that is behind is told. */
export const epochsToTell = (at: Side, lists: StreamLists): readonly EpochWord[] => {
  const theirs = epochsIn(lists[otherSide(at)]);
  return lists[at].flatMap(({ streamId, epoch }) => {
    const other = theirs.get(streamId) ?? 0;
    return other > epoch ? [{ streamId, epoch: other }] : [];
  });
};

export const currentEpoch = ({ here, there }: StreamLists, streamId: StreamId): number =>
  Math.max(epochsIn(here).get(streamId) ?? 1, epochsIn(there).get(streamId) ?? 1);
