import { EMPTY_SETUP, type Point, type Race, type Setup } from '@baton/schema/doc';
import { type EpochBody, EventStatus, type StreamBody, TRANSITIONS } from '@baton/schema/http';
import { EventId, NodeId, PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { createAddressStore, hrefOf, placeOf } from '../../src/operator/address-store.ts';
import { transitionsFrom } from '../../src/operator/lifecycle.ts';
import { addPoint, changePoint, movePoint, pointIdFor, removePoint } from '../../src/operator/race-edit.ts';
import { epochViews, pointChoices, streamHealth } from '../../src/operator/stream-view.ts';

const streamId = StreamId.parse('mat-1.start');
const stream: StreamBody = {
  streamId,
  eventId: EventId.parse('e'),
  forwarderId: NodeId.parse('mat-1'),
  reader: 'start',
  label: null,
  pointId: null,
  epoch: 3,
  epochName: null,
  health: 'online',
  readerConnected: true,
  head: 12,
  lastReadAt: 5,
  createdAt: 1,
  counters: { accepted: 12, duplicates: 0, conflicts: 0, unparsable: 0 },
};
const epoch = (number: number, readCount: number): EpochBody => ({
  epoch: number,
  name: null,
  readCount,
  firstReadAt: 1,
  lastReadAt: 2,
  isCurrent: false,
  raceId: null,
  sealed: false,
  hash: null,
  chunkSize: 1000,
});
const raceId = RaceId.parse('ten');
const setup: Setup = {
  ...EMPTY_SETUP,
  epochRaces: new Map([
    [pairKey(streamId, 2), raceId],
    [pairKey(streamId, 4), raceId],
    [pairKey(StreamId.parse('mat-1.start.b'), 9), raceId],
  ]),
  epochNames: new Map([[pairKey(streamId, 2), 'Heat 1']]),
};

describe('epochs of a stream', () => {
  const views = epochViews(stream, [epoch(2, 40), epoch(3, 10)], setup);

  it('[RT-15] shows those with reads, the current one, and mapped ones without reads, newest first', () => {
    expect(views.map((it) => [it.epoch, it.readCount, it.isCurrent])).toEqual([
      [4, 0, false],
      [3, 12, true],
      [2, 40, false],
    ]);
  });

  it('takes race and name from the document, not from the slower answer of the relay', () => {
    expect(views.map((it) => it.raceId)).toEqual([raceId, null, raceId]);
    expect(views[2]?.name).toBe('Heat 1');
  });
});

it('says the worst that is true of a stream', () => {
  expect(streamHealth(stream)).toBe('live');
  expect(streamHealth({ ...stream, readerConnected: false })).toBe('reader-gone');
  expect(streamHealth({ ...stream, readerConnected: false, health: 'degraded' })).toBe('degraded');
  expect(streamHealth({ ...stream, health: 'offline' })).toBe('forwarder-gone');
});

describe('timing points', () => {
  const point = (id: string, name = id): Point => ({ pointId: PointId.parse(id), name, kind: 'split' });
  const points = [point('a'), point('b'), point('c')];
  const ids = (list: readonly Point[]): readonly string[] => list.map((it) => it.pointId);

  it('get ids from their names, the same in every race, and never twice in one', () => {
    expect(pointIdFor('5 km', new Set())).toBe('5-km');
    expect(pointIdFor('5 km', new Set(['5-km', '5-km-2']))).toBe('5-km-3');
    expect(pointIdFor('Überführung', new Set())).toBe('u-berfu-hrung');
    expect(pointIdFor('終点', new Set())).toBe('point');
    expect(pointIdFor('x'.repeat(500), new Set())).toHaveLength(60);
    expect(addPoint([point('5-km', '5 km')], '5 km', 'split').map((it) => it.pointId)).toEqual(['5-km', '5-km-2']);
  });

  it('move along the course, and stay at its ends', () => {
    expect(ids(movePoint(points, PointId.parse('b'), -1))).toEqual(['b', 'a', 'c']);
    expect(ids(movePoint(points, PointId.parse('b'), 1))).toEqual(['a', 'c', 'b']);
    expect(movePoint(points, PointId.parse('a'), -1)).toBe(points);
    expect(movePoint(points, PointId.parse('c'), 1)).toBe(points);
    expect(movePoint(points, PointId.parse('zz'), 1)).toBe(points);
  });

  it('change and go', () => {
    expect(changePoint(points, PointId.parse('b'), { kind: 'finish' })[1]).toMatchObject({ kind: 'finish', name: 'b' });
    expect(ids(removePoint(points, PointId.parse('b')))).toEqual(['a', 'c']);
  });

  it('that several races pass are offered once', () => {
    const race = (id: string, name: string, list: readonly Point[]): Race => ({
      raceId: RaceId.parse(id),
      name,
      startAt: null,
      points: list,
      categories: [],
    });
    const choices = pointChoices([
      race('1', '10 km', [point('f', 'Finish')]),
      race('2', '5 km', [point('h', 'Halfway'), point('f', 'Finish')]),
    ]);
    expect(choices.map((it) => it.label)).toEqual(['Finish (10 km, 5 km)', 'Halfway (5 km)']);
  });
});

it('offers exactly the steps of life that the relay takes, onward first', () => {
  for (const status of EventStatus.options) {
    expect(transitionsFrom(status).map((it) => it.to)).toEqual(TRANSITIONS[status]);
  }
  expect(transitionsFrom('startlist').map((it) => it.back)).toEqual([false, true]);
  expect(transitionsFrom('finished')).toMatchObject([
    { to: 'official', final: true },
    { to: 'running', back: true, action: 'Go back to running' },
  ]);
});

describe('the address', () => {
  it('holds event and part, and survives a reload', () => {
    expect(placeOf(new URL(hrefOf({ eventId: 'a~b', view: 'races' }), 'http://x').search)).toEqual({
      eventId: 'a~b',
      view: 'races',
    });
    expect(placeOf('')).toEqual({ eventId: null, view: 'streams' });
    expect(placeOf('?event=x&view=nonsense')).toEqual({ eventId: 'x', view: 'streams' });
  });

  it('follows going there and the browser’s back', () => {
    let search = '';
    let back = (): void => {};
    const store = createAddressStore({
      search: () => search,
      push: (href) => {
        search = new URL(href, 'http://x').search;
      },
      onBack: (listener) => {
        back = listener;
      },
    });
    store.go({ eventId: 'e', view: 'nodes' });
    expect(search).toBe('?event=e&view=nodes');
    search = '';
    back();
    expect(store.place.value).toEqual({ eventId: null, view: 'streams' });
  });
});
