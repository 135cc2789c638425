import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeId, RaceId, StreamId } from '../../src/ids.ts';
import { type Pair, type PairKey, pairFromKey, pairKey } from '../../src/reads/index.ts';
import {
  diffTargets,
  type Resolution,
  resolveSelection,
  type Selection,
  type SetupView,
  type StreamView,
} from '../../src/selection/index.ts';

const RACES = ['r1', 'r2', 'r3'].map((id) => RaceId.parse(id));
const NODES = ['box-1', 'box-2'].map((id) => NodeId.parse(id));
const STREAMS = ['box-1.a', 'box-1.b', 'box-2.a', 'gone.a'].map((id) => StreamId.parse(id));
const EPOCHS = [1, 2, 3, 10];

const someStreams: fc.Arbitrary<ReadonlyMap<StreamId, StreamView>> = fc
  .array(
    fc.record({
      streamId: fc.constantFrom(...STREAMS.slice(0, 3)),
      currentEpoch: fc.constantFrom(...EPOCHS),
      epochs: fc.subarray(EPOCHS),
    }),
  )
  .map(
    (streams) =>
      new Map(
        streams.map((it) => [
          it.streamId,
          { ...it, forwarderId: NODES.find((node) => it.streamId.startsWith(`${node}.`)) ?? NODES[0]! },
        ]),
      ),
  );

const someSetup: fc.Arbitrary<SetupView> = fc
  .record({
    races: fc.subarray(RACES),
    mappings: fc.array(fc.tuple(fc.constantFrom(...STREAMS), fc.constantFrom(...EPOCHS), fc.constantFrom(...RACES))),
    hints: fc.array(fc.tuple(fc.constantFrom(...NODES), fc.constantFrom(...RACES))),
  })
  .map(({ races, mappings, hints }) => ({
    raceIds: new Set(races),
    epochRaces: new Map(mappings.map(([streamId, epoch, raceId]) => [pairKey(streamId, epoch), raceId])),
    forwarderRaces: new Map(hints),
  }));

const someSelection: fc.Arbitrary<Selection> = fc.oneof(
  fc.record({ mode: fc.constant('manual' as const), streams: fc.array(fc.constantFrom(...STREAMS), { maxLength: 5 }) }),
  fc.record({
    mode: fc.constant('race' as const),
    raceId: fc.constantFrom(...RACES),
    epochScope: fc.constantFrom('all' as const, 'current' as const),
  }),
);

const keysOf = (pairs: readonly Pair[]): readonly PairKey[] => pairs.map((it) => pairKey(it.streamId, it.epoch));

/** What a selection means, asked of each possible pair by itself. */
const isTarget = (selection: Selection, setup: SetupView, stream: StreamView, epoch: number): boolean => {
  if (selection.mode === 'manual') {
    return (
      selection.streams.includes(stream.streamId) && (stream.epochs.includes(epoch) || epoch === stream.currentEpoch)
    );
  }
  const mapped = setup.epochRaces.get(pairKey(stream.streamId, epoch)) === selection.raceId;
  return mapped && (selection.epochScope === 'all' || epoch === stream.currentEpoch);
};

const naiveTargets = (
  selection: Selection,
  setup: SetupView,
  streams: ReadonlyMap<StreamId, StreamView>,
): readonly PairKey[] =>
  STREAMS.flatMap((streamId) => {
    const stream = streams.get(streamId);
    if (stream === undefined) return [];
    return EPOCHS.filter((epoch) => isTarget(selection, setup, stream, epoch)).map((epoch) => pairKey(streamId, epoch));
  });

type Targets = Extract<Resolution, { type: 'targets' }>;

const targetsOf = (resolution: Resolution): Targets => {
  if (resolution.type !== 'targets') throw new Error(`unexpected ${resolution.type}`);
  return resolution;
};

describe('selection resolver, any setup', () => {
  it('[RT-16] [RT-17] finds the pairs that a look at each one finds, in order', () => {
    fc.assert(
      fc.property(someSelection, someSetup, someStreams, (selection, setup, streams) => {
        const resolution = resolveSelection(selection, setup, streams);
        if (selection.mode === 'race' && !setup.raceIds.has(selection.raceId)) {
          expect(resolution).toEqual({ type: 'unknown-race', raceId: selection.raceId });
          return;
        }
        expect(keysOf(targetsOf(resolution).targets)).toEqual(naiveTargets(selection, setup, streams));
      }),
      { numRuns: 500 },
    );
  });

  it('[RT-22] warns of each target whose forwarder is said to stand at another race, and of nothing else', () => {
    fc.assert(
      fc.property(someSelection, someSetup, someStreams, (selection, setup, streams) => {
        const resolution = resolveSelection(selection, setup, streams);
        if (resolution.type !== 'targets' || selection.mode !== 'race') return;
        const expected = resolution.targets.filter(({ streamId }) => {
          const hint = setup.forwarderRaces.get(streams.get(streamId)?.forwarderId ?? NODES[0]!);
          return hint !== undefined && hint !== selection.raceId;
        });
        const warned = resolution.warnings.flatMap((it) => (it.type === 'forwarder-race-differs' ? [it] : []));
        expect(keysOf(warned).toSorted()).toEqual(keysOf(expected).toSorted());
        for (const it of warned) expect(it.epochRaceId).toBe(selection.raceId);
      }),
    );
  });

  it('names every selected or mapped stream that the event does not have', () => {
    fc.assert(
      fc.property(someSelection, someSetup, someStreams, (selection, setup, streams) => {
        const resolution = resolveSelection(selection, setup, streams);
        if (resolution.type !== 'targets') return;
        const meant =
          selection.mode === 'manual'
            ? selection.streams
            : [...setup.epochRaces].flatMap(([key, raceId]) =>
                raceId === selection.raceId ? [pairFromKey(key)?.streamId ?? STREAMS[0]!] : [],
              );
        const unknown = new Set(meant.filter((streamId) => !streams.has(streamId)));
        const named = resolution.warnings.flatMap((it) => (it.type === 'unknown-stream' ? [it.streamId] : []));
        expect(new Set(named)).toEqual(unknown);
      }),
    );
  });

  it('[RT-17] warns where the current scope means no pair at all, and only there', () => {
    fc.assert(
      fc.property(someSelection, someSetup, someStreams, (selection, setup, streams) => {
        const resolution = resolveSelection(selection, setup, streams);
        if (resolution.type !== 'targets') return;
        const empty =
          selection.mode === 'race' && selection.epochScope === 'current' && resolution.targets.length === 0;
        expect(resolution.warnings.some((it) => it.type === 'no-current-epoch-mapped')).toBe(empty);
      }),
    );
  });
});

describe('selection resolver', () => {
  const [r1, r2] = RACES as [RaceId, RaceId];
  const [a, b] = STREAMS as [StreamId, StreamId];
  const streams = new Map<StreamId, StreamView>([
    [a, { streamId: a, forwarderId: NODES[0]!, currentEpoch: 3, epochs: [1, 3] }],
    [b, { streamId: b, forwarderId: NODES[0]!, currentEpoch: 1, epochs: [] }],
  ]);
  const setup: SetupView = {
    raceIds: new Set([r1, r2]),
    epochRaces: new Map([
      [pairKey(a, 1), r1],
      [pairKey(a, 2), r1],
      [pairKey(b, 1), r1],
      [pairKey(a, 3), r2],
    ]),
    forwarderRaces: new Map(),
  };
  const race = (epochScope: 'all' | 'current', raceId = r1): Selection => ({ mode: 'race', raceId, epochScope });

  it('[RT-16] takes every mapped epoch of every stream, also one that has no reads yet', () => {
    expect(keysOf(targetsOf(resolveSelection(race('all'), setup, streams)).targets)).toEqual([
      'box-1.a/1',
      'box-1.a/2',
      'box-1.b/1',
    ]);
  });

  it('[RT-17] takes only mapped epochs that are current', () => {
    expect(keysOf(targetsOf(resolveSelection(race('current'), setup, streams)).targets)).toEqual(['box-1.b/1']);
  });

  it('[RT-17] takes none and warns when no current epoch is mapped', () => {
    const unmapped = { ...setup, epochRaces: new Map([[pairKey(a, 1), r1]]) };
    const { targets, warnings } = targetsOf(resolveSelection(race('current'), unmapped, streams));
    expect(targets).toEqual([]);
    expect(warnings).toMatchObject([{ type: 'no-current-epoch-mapped', raceId: r1 }]);
  });

  it('[RT-22] warns where forwarder and epoch differ, and delivers all the same', () => {
    const hinted = { ...setup, forwarderRaces: new Map([[NODES[0]!, r2]]) };
    const { targets, warnings } = targetsOf(resolveSelection(race('current'), hinted, streams));
    expect(targets).toHaveLength(1);
    expect(warnings).toMatchObject([
      { type: 'forwarder-race-differs', epoch: 1, forwarderRaceId: r2, epochRaceId: r1 },
    ]);
  });

  it('[RT-25] says that a race is unknown instead of selecting nothing', () => {
    const raceId = RaceId.parse('no-such');
    expect(resolveSelection(race('all', raceId), setup, streams)).toEqual({ type: 'unknown-race', raceId });
  });

  it('manual takes all epochs of a stream, named twice or not', () => {
    const selection: Selection = { mode: 'manual', streams: [b, a, a] };
    expect(keysOf(targetsOf(resolveSelection(selection, setup, streams)).targets)).toEqual([
      'box-1.a/1',
      'box-1.a/3',
      'box-1.b/1',
    ]);
  });
});

describe('change of targets', () => {
  const somePairs = fc.uniqueArray(
    fc.record({ streamId: fc.constantFrom(...STREAMS), epoch: fc.constantFrom(...EPOCHS) }),
    { selector: (it) => pairKey(it.streamId, it.epoch) },
  );

  it('[RT-30] [RT-31] names what came and what went, and leaves the rest alone', () => {
    fc.assert(
      fc.property(somePairs, somePairs, (before, after) => {
        const { added, removed } = diffTargets(before, after);
        const kept = keysOf(before).filter((key) => !keysOf(removed).includes(key));
        expect(new Set([...kept, ...keysOf(added)])).toEqual(new Set(keysOf(after)));
        expect(kept.filter((key) => keysOf(added).includes(key))).toEqual([]);
        expect(diffTargets(after, after)).toEqual({ added: [], removed: [] });
      }),
    );
  });
});
