import { EMPTY_SETUP, mapEpoch, putRace, type Race, type Setup } from '@baton/schema/doc';
import { NodeId, PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { addCategories, missingGroups } from '../../src/operator/category-edit.ts';
import { editRace } from '../../src/operator/race-edit.ts';
import { assignment, overview } from '../../src/operator/stream-overview.ts';
import { epochViews, forgetBlock } from '../../src/operator/stream-view.ts';
import { aStream } from './a-stream.ts';
import { openStore } from './open-store.ts';

const finish = PointId.parse('finish');
const race = (name: string, points: Race['points'] = []): Race => ({
  raceId: RaceId.parse(name),
  name,
  startAt: null,
  points,
  categories: [],
});
const ten = race('ten', [{ pointId: finish, name: 'Finish', kind: 'finish' }]);
const five = race('five');

const streams = [aStream('box.a'), aStream('box.b', { epoch: 3 }), aStream('van.c', { epoch: 2 }), aStream('van.d')];
const key = (id: string, epoch: number) => pairKey(StreamId.parse(id), epoch);
const setup: Setup = {
  ...EMPTY_SETUP,
  races: new Map([ten, five].map((it) => [it.raceId, it])),
  epochRaces: new Map([
    [key('box.a', 1), ten.raceId],
    [key('box.b', 3), five.raceId],
    [key('van.c', 1), ten.raceId],
    [key('van.d', 1), ten.raceId],
  ]),
  streamLabels: new Map([[StreamId.parse('box.a'), 'Gantry']]),
  streamPoints: new Map([
    [StreamId.parse('box.a'), finish],
    [StreamId.parse('van.d'), PointId.parse('bridge')],
  ]),
  forwarderRaces: new Map([[NodeId.parse('box'), ten.raceId]]),
};

describe('the overview of streams', () => {
  const groups = overview(streams, setup);

  it('stands by forwarder, with its hint and the current epoch’s race', () => {
    expect(groups.map((it) => [it.forwarderId, it.raceId, it.rows.map((row) => row.title)])).toEqual([
      ['box', ten.raceId, ['Gantry', 'box.b']],
      ['van', null, ['van.c', 'van.d']],
    ]);
    expect(groups.flatMap((it) => it.rows.map((row) => row.raceId))).toEqual([
      ten.raceId,
      five.raceId,
      null,
      ten.raceId,
    ]);
  });

  it('[RT-22] warns where the forwarder stands at another race, and where reads will not count', () => {
    const notes = groups.flatMap((it) => it.rows.map((row) => row.notes));
    expect(notes).toEqual([
      [],
      ['Its forwarder stands at ten.'],
      ['No race, so its reads count nowhere.'],
      ['ten does not pass this point, so its reads do not count.'],
    ]);
    const unplaced = overview([aStream('box.a')], { ...setup, streamPoints: new Map() });
    expect(unplaced[0]?.rows[0]?.notes).toEqual(['No timing point, so its reads do not count in ten.']);
  });
});

describe('assigning the current epochs of many streams', () => {
  const ids = (scope: 'all' | 'unassigned') =>
    assignment(streams, setup, ten.raceId, scope).pairs.map((it) => `${it.streamId}/${it.epoch}`);

  it('takes only those that it would change', () => {
    expect(ids('unassigned')).toEqual(['van.c/2']);
    expect(ids('all')).toEqual(['box.b/3', 'van.c/2']);
  });

  it('counts those that leave another race', () => {
    expect(assignment(streams, setup, ten.raceId, 'all').moved).toBe(1);
    expect(assignment(streams, setup, five.raceId, 'all').moved).toBe(2);
    expect(assignment(streams, setup, ten.raceId, 'unassigned').moved).toBe(0);
  });
});

it('assigns many, and adds many categories, as one step of undo each', () => {
  const { store, undo } = openStore();
  store.edit((doc) => putRace(doc, { raceId: ten.raceId, name: 'ten' }));
  store.edit((doc) => {
    for (const pair of assignment(streams, store.setup.value, ten.raceId, 'all').pairs) mapEpoch(doc, pair, ten.raceId);
  });
  const groups = { sexes: ['F', 'M'], from: 20, step: 10, last: 70, younger: true } as const;
  editRace(store, ten.raceId, ({ categories }) => ({
    categories: [...addCategories(categories, missingGroups(groups, categories))],
  }));
  expect(store.setup.value.races.get(ten.raceId)?.categories).toHaveLength(14);
  expect(undo()).toBe(true);
  expect(store.setup.value.races.get(ten.raceId)?.categories).toHaveLength(0);
  expect(store.setup.value.epochRaces.size).toBe(4);
  expect(undo()).toBe(true);
  expect(store.setup.value.epochRaces.size).toBe(0);
  expect(store.setup.value.races.size).toBe(1);
});

it('shows an epoch that has only a name, and lets nobody forget a stream whose forwarder is there', () => {
  const named = { ...EMPTY_SETUP, epochNames: new Map([[key('box.a', 7), 'Kids']]) };
  expect(epochViews(aStream('box.a'), [], named).map((it) => [it.epoch, it.name])).toEqual([
    [7, 'Kids'],
    [1, null],
  ]);
  expect(forgetBlock({ health: 'degraded' })).toMatch(/stop it first/);
  expect(forgetBlock({ health: 'offline' })).toBeNull();
});
