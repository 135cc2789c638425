import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  correctClock,
  deleteRace,
  EMPTY_SETUP,
  labelStream,
  mapEpoch,
  nameEpoch,
  patchRace,
  placeStream,
  putRace,
  readSetup,
  removeStream,
  setForwarderRace,
  setRules,
  setupRoots,
  setupView,
} from '../../src/doc/index.ts';
import { NodeId, PointId, RaceId, StreamId } from '../../src/ids.ts';
import { pairKey } from '../../src/reads/index.ts';

const race10k = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');
const race5k = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f002');
const box = NodeId.parse('box-1');
const mat = StreamId.parse('box-1.mat');
const other = StreamId.parse('box-2.mat');
const point = (pointId: string, kind: 'start' | 'split' | 'finish') => ({
  pointId: PointId.parse(pointId),
  name: pointId.toUpperCase(),
  kind,
});

/** Two replicas that edit apart and meet again. */
const meet = (a: Y.Doc, b: Y.Doc): void => {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
};

const updatesOf = (doc: Y.Doc, edit: () => void): number => {
  let updates = 0;
  const count = (): void => {
    updates += 1;
  };
  doc.on('update', count);
  edit();
  doc.off('update', count);
  return updates;
};

describe('setup document', () => {
  it('is empty at first', () => {
    expect(readSetup(new Y.Doc())).toEqual({ setup: EMPTY_SETUP, problems: [] });
  });

  it('gives back what was put, points and categories in order', () => {
    const doc = new Y.Doc();
    putRace(doc, {
      raceId: race10k,
      name: ' 10 km ',
      startAt: '2026-03-06T10:00:00',
      points: [point('s', 'start'), point('k5', 'split'), point('f', 'finish')],
      categories: [{ categoryId: 'W40', name: 'Women 40', sex: 'F', ageFrom: 40, ageTo: 49 }],
    });
    const race = readSetup(doc).setup.races.get(race10k);
    expect(race?.name).toBe('10 km');
    expect(race?.startAt).toBe('2026-03-06T10:00:00');
    expect(race?.points.map((it) => it.pointId)).toEqual(['s', 'k5', 'f']);
    expect(race?.categories).toEqual([{ categoryId: 'W40', name: 'Women 40', sex: 'F', ageFrom: 40, ageTo: 49 }]);
  });

  it('patches only what is named and reorders points', () => {
    const doc = new Y.Doc();
    putRace(doc, { raceId: race10k, name: '10 km', points: [point('s', 'start'), point('f', 'finish')] });
    expect(patchRace(doc, race10k, { points: [point('f', 'finish'), point('s', 'start')] })).toBe(true);
    const race = readSetup(doc).setup.races.get(race10k);
    expect(race?.name).toBe('10 km');
    expect(race?.points.map((it) => it.pointId)).toEqual(['f', 's']);
    expect(patchRace(doc, race5k, { name: 'none' })).toBe(false);
  });

  it('[RT-06] keeps one race per epoch', () => {
    const doc = new Y.Doc();
    putRace(doc, { raceId: race10k, name: '10 km' });
    putRace(doc, { raceId: race5k, name: '5 km' });
    mapEpoch(doc, { streamId: mat, epoch: 1 }, race10k);
    mapEpoch(doc, { streamId: mat, epoch: 1 }, race5k);
    expect([...readSetup(doc).setup.epochRaces]).toEqual([[pairKey(mat, 1), race5k]]);
    mapEpoch(doc, { streamId: mat, epoch: 1 }, null);
    expect(readSetup(doc).setup.epochRaces.size).toBe(0);
  });

  it('[RT-09] loses a race’s mappings and hints with the race, not those of others', () => {
    const doc = new Y.Doc();
    putRace(doc, { raceId: race10k, name: '10 km' });
    putRace(doc, { raceId: race5k, name: '5 km' });
    mapEpoch(doc, { streamId: mat, epoch: 1 }, race10k);
    mapEpoch(doc, { streamId: mat, epoch: 2 }, race5k);
    setForwarderRace(doc, box, race10k);
    expect(deleteRace(doc, race10k)).toBe(true);
    expect(deleteRace(doc, race10k)).toBe(false);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    for (const it of [doc, copy]) expect(readSetup(it).setup.removedRaces).toEqual(new Set([race10k]));
    const { setup, problems } = readSetup(doc);
    expect([...setup.epochRaces]).toEqual([[pairKey(mat, 2), race5k]]);
    expect(setup.forwarderRaces.size).toBe(0);
    expect(problems).toEqual([]);
  });

  it('[RT-09] loses a stream’s label, point, mappings and names with the stream', () => {
    const doc = new Y.Doc();
    putRace(doc, { raceId: race10k, name: '10 km' });
    for (const streamId of [mat, other]) {
      labelStream(doc, streamId, 'Finish');
      placeStream(doc, streamId, PointId.parse('f'));
      mapEpoch(doc, { streamId, epoch: 1 }, race10k);
      nameEpoch(doc, { streamId, epoch: 1 }, 'warm-up');
      correctClock(doc, { streamId, epoch: 1 }, -1500);
    }
    removeStream(doc, mat);
    const { setup } = readSetup(doc);
    expect([...setup.streamLabels.keys()]).toEqual([other]);
    expect([...setup.streamPoints.keys()]).toEqual([other]);
    expect([...setup.epochRaces.keys()]).toEqual([pairKey(other, 1)]);
    expect([...setup.epochNames.keys()]).toEqual([pairKey(other, 1)]);
    expect([...setup.epochOffsets]).toEqual([[pairKey(other, 1), -1500]]);
  });

  it('corrects a reader’s clock by whole milliseconds within a century, and takes that back', () => {
    const doc = new Y.Doc();
    const pair = { streamId: mat, epoch: 3 };
    correctClock(doc, pair, 820_454_400_000);
    expect([...readSetup(doc).setup.epochOffsets]).toEqual([[pairKey(mat, 3), 820_454_400_000]]);
    expect(() => correctClock(doc, pair, 0.5)).toThrow();
    correctClock(doc, pair, 0);
    expect(readSetup(doc).setup.epochOffsets.size).toBe(0);
    doc.getMap('epochOffsets').set(pairKey(mat, 3), '+1 h');
    expect(readSetup(doc).problems).toMatchObject([{ root: 'epochOffsets', key: pairKey(mat, 3) }]);
  });

  it('merges offline edits of two operators in one race', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    putRace(a, { raceId: race10k, name: '10 km', points: [point('f', 'finish')] });
    meet(a, b);
    patchRace(a, race10k, { name: 'Ten' });
    patchRace(b, race10k, { startAt: '2026-03-06T10:00', points: [point('s', 'start'), point('f', 'finish')] });
    putRace(b, { raceId: race5k, name: '5 km' });
    setRules(a, { dedupWindowMs: 3000 });
    setRules(b, { minLapMs: 60_000 });
    meet(a, b);
    expect(readSetup(a)).toEqual(readSetup(b));
    const { setup } = readSetup(a);
    expect(setup.races.get(race10k)).toMatchObject({ name: 'Ten', startAt: '2026-03-06T10:00' });
    expect(setup.races.get(race10k)?.points.map((it) => it.pointId)).toEqual(['s', 'f']);
    expect(setup.rules).toMatchObject({ dedupWindowMs: 3000, minLapMs: 60_000 });
  });

  it('keeps what others change in a list while one entry goes and another is moved', () => {
    const category = (categoryId: string, name = categoryId) => ({ categoryId, name });
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    putRace(a, { raceId: race10k, name: '10 km', categories: ['A', 'B', 'C', 'D'].map((it) => category(it)) });
    meet(a, b);
    patchRace(a, race10k, { categories: [category('D'), category('B'), category('C')] });
    patchRace(b, race10k, { categories: [category('A'), category('B', 'Bee'), category('C', 'Cee'), category('D')] });
    meet(a, b);
    const names = (doc: Y.Doc) =>
      readSetup(doc)
        .setup.races.get(race10k)
        ?.categories.map((it) => it.name);
    expect(names(a)).toEqual(['D', 'Bee', 'Cee']);
    expect(names(b)).toEqual(names(a));
  });

  it('reports a mapping to a race that another operator deleted meanwhile', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    putRace(a, { raceId: race10k, name: '10 km' });
    meet(a, b);
    deleteRace(a, race10k);
    mapEpoch(b, { streamId: mat, epoch: 1 }, race10k);
    meet(a, b);
    const { setup, problems } = readSetup(b);
    expect(setup.epochRaces.size).toBe(0);
    expect(setupView(setup).raceIds.size).toBe(0);
    expect(problems).toMatchObject([{ root: 'epochRaces', key: 'box-1.mat/1' }]);
  });

  it('makes one update of one edit, and none of an edit that changes nothing', () => {
    const doc = new Y.Doc();
    const input = { raceId: race10k, name: '10 km', points: [point('s', 'start'), point('f', 'finish')] };
    expect(updatesOf(doc, () => putRace(doc, input))).toBe(1);
    expect(updatesOf(doc, () => putRace(doc, input))).toBe(0);
    mapEpoch(doc, { streamId: mat, epoch: 1 }, race10k);
    expect(updatesOf(doc, () => mapEpoch(doc, { streamId: mat, epoch: 1 }, race10k))).toBe(0);
    expect(updatesOf(doc, () => mapEpoch(doc, { streamId: mat, epoch: 9 }, null))).toBe(0);
    expect(updatesOf(doc, () => deleteRace(doc, race10k))).toBe(1);
  });

  it('leaves out and reports what does not parse, and never crashes', () => {
    const doc = new Y.Doc();
    putRace(doc, { raceId: race10k, name: '10 km', points: [point('f', 'finish')] });
    const roots = setupRoots(doc);
    roots.races.set('__proto__', 'x');
    roots.races.set('0B9D1C36-35A6-4C3E-9A07-6D9B34A1F001', new Y.Map([['name', 'upper case twin']]));
    roots.races.set('nameless', new Y.Map([['startAt', 3]]));
    roots.races.set('plain', { name: 'not a map' });
    const race = roots.races.get(race10k) as Y.Map<unknown>;
    race.set('startAt', '2026-02-30T10:00');
    const points = race.get('points') as Y.Map<unknown>;
    points.set('__proto__', { name: 'p', kind: 'split', order: 1 });
    points.set('odd', { name: 'odd', kind: 'nowhere', order: 2 });
    points.set('text', 'odd');
    points.set('orderless', { name: 'o', kind: 'split', order: 'first' });
    roots.epochRaces.set('no pair', race10k);
    roots.epochRaces.set('box-1.mat/0', race10k);
    roots.epochRaces.set('box-1.mat/1', { toString: 'x' });
    roots.epochRaces.set('box-1.mat/2', race10k);
    roots.streamLabels.set('__proto__', 'label');
    roots.streamLabels.set('box-1.mat', 17);
    roots.streamPoints.set('box-1.mat', '../x');
    roots.forwarderRaces.set('..', race10k);
    roots.rules.set('dedupWindowMs', -1);
    roots.rules.set('__proto__', { minLapMs: 7 });
    const { setup, problems } = readSetup(doc);
    expect([...setup.races.keys()]).toEqual([race10k]);
    expect(setup.races.get(race10k)?.startAt).toBeNull();
    expect(setup.races.get(race10k)?.points.map((it) => it.pointId)).toEqual(['f', 'orderless', '__proto__']);
    expect([...setup.epochRaces.keys()]).toEqual([pairKey(mat, 2)]);
    expect(setup.rules).toEqual(EMPTY_SETUP.rules);
    expect(({} as Record<string, unknown>)['minLapMs']).toBeUndefined();
    expect(problems.map((it) => `${it.root} ${it.key}`).sort()).toEqual([
      'epochRaces box-1.mat/0',
      'epochRaces box-1.mat/1',
      'epochRaces no pair',
      'forwarderRaces ..',
      'races 0B9D1C36-35A6-4C3E-9A07-6D9B34A1F001',
      `races ${race10k}/points/odd`,
      `races ${race10k}/points/text`,
      `races ${race10k}/startAt`,
      'races __proto__',
      'races nameless',
      'races plain',
      'rules dedupWindowMs',
      'streamLabels box-1.mat',
      'streamPoints box-1.mat',
    ]);
  });
});
