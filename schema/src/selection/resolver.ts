import type { NodeId, RaceId, StreamId } from '../ids.ts';
import { comparePairs, type Pair, type PairKey, pairFromKey, pairKey } from '../reads/clock.ts';
import type { Selection } from './selection.ts';

/** What the resolver needs of the setup document. */
export interface SetupView {
  readonly raceIds: ReadonlySet<RaceId>;
  readonly epochRaces: ReadonlyMap<PairKey, RaceId>;
  /** The hint "this forwarder stands at that race". */
  readonly forwarderRaces: ReadonlyMap<NodeId, RaceId>;
}

/** What the resolver needs of the log: the streams of the event. */
export interface StreamView {
  readonly streamId: StreamId;
  readonly forwarderId: NodeId;
  readonly currentEpoch: number;
  /** Every epoch that has reads, and the current one. */
  readonly epochs: readonly number[];
}

export type SelectionWarning =
  | { readonly type: 'no-current-epoch-mapped'; readonly raceId: RaceId; readonly message: string }
  | {
      readonly type: 'forwarder-race-differs';
      readonly streamId: StreamId;
      readonly epoch: number;
      readonly forwarderRaceId: RaceId;
      readonly epochRaceId: RaceId;
      readonly message: string;
    }
  | { readonly type: 'unknown-stream'; readonly streamId: StreamId; readonly message: string }
  | { readonly type: 'relay-behind'; readonly streamId: StreamId; readonly epoch: number; readonly message: string };

export type Resolution =
  | { readonly type: 'targets'; readonly targets: readonly Pair[]; readonly warnings: readonly SelectionWarning[] }
  | { readonly type: 'unknown-race'; readonly raceId: RaceId };

const unknownStream = (streamId: StreamId): SelectionWarning => ({
  type: 'unknown-stream',
  streamId,
  message: `stream ${streamId} has not been seen in this event`,
});

const epochsOf = (stream: StreamView): readonly Pair[] =>
  [...new Set([...stream.epochs, stream.currentEpoch])].map((epoch) => ({ streamId: stream.streamId, epoch }));

const resolveManual = (wanted: readonly StreamId[], streams: ReadonlyMap<StreamId, StreamView>): Resolution => {
  const targets: Pair[] = [];
  const warnings: SelectionWarning[] = [];
  for (const streamId of new Set(wanted)) {
    const stream = streams.get(streamId);
    if (stream === undefined) warnings.push(unknownStream(streamId));
    else targets.push(...epochsOf(stream));
  }
  return { type: 'targets', targets: targets.sort(comparePairs), warnings };
};

const raceDiffers = (
  setup: SetupView,
  stream: StreamView,
  epoch: number,
  epochRaceId: RaceId,
): readonly SelectionWarning[] => {
  const forwarderRaceId = setup.forwarderRaces.get(stream.forwarderId);
  if (forwarderRaceId === undefined || forwarderRaceId === epochRaceId) return [];
  return [
    {
      type: 'forwarder-race-differs',
      streamId: stream.streamId,
      epoch,
      forwarderRaceId,
      epochRaceId,
      message: `${stream.streamId} epoch ${epoch} is mapped to race ${epochRaceId}, its forwarder to ${forwarderRaceId}`,
    },
  ];
};

const resolveRace = (
  selection: Extract<Selection, { mode: 'race' }>,
  setup: SetupView,
  streams: ReadonlyMap<StreamId, StreamView>,
): Resolution => {
  const { raceId, epochScope } = selection;
  if (!setup.raceIds.has(raceId)) return { type: 'unknown-race', raceId };
  const targets: Pair[] = [];
  const warnings: SelectionWarning[] = [];
  for (const [key, mapped] of setup.epochRaces) {
    const pair = mapped === raceId ? pairFromKey(key) : null;
    if (pair === null) continue;
    const stream = streams.get(pair.streamId);
    if (stream === undefined) {
      warnings.push(unknownStream(pair.streamId));
      continue;
    }
    if (epochScope === 'current' && pair.epoch !== stream.currentEpoch) continue;
    targets.push(pair);
    warnings.push(...raceDiffers(setup, stream, pair.epoch, raceId));
  }
  if (epochScope === 'current' && targets.length === 0) {
    warnings.push({
      type: 'no-current-epoch-mapped',
      raceId,
      message: `no stream's current epoch is mapped to race ${raceId}; map one, or choose all epochs`,
    });
  }
  return { type: 'targets', targets: targets.sort(comparePairs), warnings };
};

/**
 * The (stream, epoch) pairs that a selection means right now, ordered by stream and epoch.
 * Used alike by relay, pages and command line. Warnings tell; nothing is corrected.
 */
export const resolveSelection = (
  selection: Selection,
  setup: SetupView,
  streams: ReadonlyMap<StreamId, StreamView>,
): Resolution =>
  selection.mode === 'manual' ? resolveManual(selection.streams, streams) : resolveRace(selection, setup, streams);

export interface TargetChange {
  readonly added: readonly Pair[];
  readonly removed: readonly Pair[];
}

/** What a recomputation changed; pairs in neither list go on undisturbed. */
export const diffTargets = (before: readonly Pair[], after: readonly Pair[]): TargetChange => {
  const keyOf = (pair: Pair): PairKey => pairKey(pair.streamId, pair.epoch);
  const [old, fresh] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return {
    added: after.filter((pair) => !old.has(keyOf(pair))),
    removed: before.filter((pair) => !fresh.has(keyOf(pair))),
  };
};
