import { type Point, putRace, type Race, readSetup, type Setup } from '@baton/schema/doc';
import { PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { readersAt } from '../../src/operator/point-readers.ts';
import { addPoint, editRace, pointNotes, removePoint } from '../../src/operator/race-edit.ts';
import { copyName, copyOf, isNameTaken, raceNotes, racesInOrder } from '../../src/operator/race-list.ts';
import { aStream } from './a-stream.ts';
import { openStore } from './open-store.ts';

const race = (name: string, startAt: string | null = null, more: Partial<Race> = {}): Race => ({
  raceId: RaceId.parse(name.replaceAll(' ', '-')),
  name,
  startAt,
  points: [],
  categories: [],
  ...more,
});
const point = (id: string, kind: Point['kind'], name = id): Point => ({ pointId: PointId.parse(id), name, kind });

describe('races', () => {
  it('stand by start on the event’s wall, then by name as people count; without a start last', () => {
    const races = [
      race('10 km'),
      race('5 km'),
      race('late', '2026-05-17T11:00'),
      race('early', '2026-05-17T08:00:00Z'),
      race('same B', '2026-05-17T10:30'),
      race('same A', '2026-05-17T10:30'),
    ];
    expect(racesInOrder(races, 'Europe/Paris').map((it) => it.name)).toEqual([
      'early',
      'same A',
      'same B',
      'late',
      '5 km',
      '10 km',
    ]);
  });

  it('are copied with course and categories, without the start, under a name of their own', () => {
    const ten = race('10 km', '2026-05-17T10:00', {
      points: [point('f', 'finish')],
      categories: [{ categoryId: 'W', name: 'W', sex: 'F', ageFrom: null, ageTo: null }],
    });
    const fresh = RaceId.parse('fresh');
    const copy = copyOf(ten, fresh, [ten, race('10 KM copy')]);
    expect(copy).toEqual({ raceId: fresh, name: '10 km copy 2', points: ten.points, categories: ten.categories });
    expect(copyName('x'.repeat(200), [])).toHaveLength(200);
  });

  it('tell of a name that two have, and of a start on another day', () => {
    const races = [
      race('10 km', '2026-05-17T23:30:00Z'),
      race('5 km'),
      { ...race(' 10 KM '), raceId: RaceId.parse('b') },
    ];
    expect(isNameTaken(' 5 KM', races)).toBe(true);
    expect(isNameTaken('5 km', races, RaceId.parse('5-km'))).toBe(false);
    const notes = raceNotes(races[0]!, races, { date: '2026-05-17', timezone: 'Europe/Paris' });
    expect(notes.join(' ')).toMatch(/called “10 km” too.*starts on 2026-05-18; the event is on 2026-05-17/);
    expect(raceNotes(races[1]!, races, null)).toEqual([]);
  });
});

describe('a course', () => {
  it.each([
    ['nothing yet', [], []],
    ['a whole one', [point('s', 'start'), point('k5', 'split'), point('f', 'finish')], []],
    ['no finish', [point('s', 'start')], [/nobody can finish/]],
    ['two finishes', [point('f', 'finish'), point('g', 'finish')], [/2 points are a finish/]],
    ['points behind it', [point('f', 'finish'), point('k5', 'split')], [/behind the finish/]],
    ['a late start', [point('k5', 'split'), point('s', 'start'), point('f', 'finish')], [/start is not the first/]],
    ['a name twice', [point('a', 'split', 'Mat'), point('b', 'finish', 'MAT ')], [/called “Mat”/]],
  ] as const)('with %s', (_, points, expected) => {
    const notes = pointNotes(points);
    expect(notes).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(notes[at]).toMatch(pattern);
  });

  it('keeps a point that somebody else added after it was drawn', () => {
    const { doc, store } = openStore();
    const raceId = RaceId.parse('ten');
    store.edit((it) => putRace(it, { raceId, name: '10 km', points: [point('f', 'finish')] }));
    const other = new Y.Doc({ gc: false });
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    const there = openStore(other).store;
    editRace(there, raceId, ({ points }) => ({ points: [...addPoint(points, '5 km', 'split')] }));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    editRace(store, raceId, ({ points }) => ({ points: [...removePoint(points, PointId.parse('f'))] }));
    expect(
      readSetup(doc)
        .setup.races.get(raceId)
        ?.points.map((it) => it.name),
    ).toEqual(['5 km']);
    editRace(store, RaceId.parse('gone'), () => ({ name: 'nothing happens' }));
    expect(readSetup(doc).setup.races.size).toBe(1);
  });
});

it('says who reads at a point, and why their reads do not count in this race', () => {
  const [ten, five] = [race('10 km'), race('5 km')];
  const stream = (id: string) => StreamId.parse(`box.${id}`);
  const setup: Setup = {
    ...readSetup(new Y.Doc()).setup,
    races: new Map([ten, five].map((it) => [it.raceId, it])),
    streamPoints: new Map(['a', 'b', 'c', 'd'].map((it) => [stream(it), PointId.parse('f')])),
    streamLabels: new Map([[stream('a'), 'Left mat']]),
    epochRaces: new Map([
      [pairKey(stream('a'), 2), ten.raceId],
      [pairKey(stream('b'), 2), five.raceId],
      [pairKey(stream('c'), 1), ten.raceId],
    ]),
  };
  const streams = new Map(['a', 'b', 'c'].map((it) => [stream(it), aStream(stream(it), { epoch: 2 })]));
  expect(readersAt(ten, { pointId: PointId.parse('f') }, setup, streams)).toEqual([
    { title: 'Left mat', note: null },
    { title: 'box.b', note: 'now in 5 km' },
    { title: 'box.c', note: 'its epoch has no race' },
    { title: 'box.d', note: null },
  ]);
  expect(readersAt(ten, { pointId: PointId.parse('s') }, setup, streams)).toEqual([]);
});
