import type { Timers } from '@baton/schema/ports';
import { describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../src/platform/node-time.ts';
import { createMemoryDisk } from '../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createEvent, startRelay } from '../http/relay-fixture.ts';
import { watch } from './feed-fixture.ts';
import { fullOf, isFull, type ResultsPage, raceDay, resultsOf } from './race-day.ts';

type Relay = Awaited<ReturnType<typeof startRelay>>;
type Day = Awaited<ReturnType<typeof raceDay>>;

const onDay = async (flags: Readonly<Record<string, string>>, run: (day: Day) => Promise<void>): Promise<void> => {
  const day = await raceDay({ flags });
  await run(day);
  await day.close();
  expect(day.defects).toEqual([]);
};

const ingest = (day: Pick<Day, 'ask'>, kind: string, body: unknown, eventId = 'run') =>
  day.ask('POST', `/api/v1/events/${eventId}/ingest/${kind}`, { body });

describe('results of another timing system', () => {
  it('[CN-03] [CN-07] are told in one diff each, with names and ranks as HTTP has them', () =>
    onDay({}, async (day) => {
      const { raceId } = day;
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      const first = await ingest(day, 'results', { results: [{ raceId, bib: '2', timeMs: 1_800_000 }] });
      expect(first).toMatchObject({ status: 200, body: { imported: 1 } });
      await spectator.until((it) => it.type === 'diff' && resultsOf(it).length > 0);
      await ingest(day, 'results', { results: [{ raceId, bib: '1', timeMs: 1_700_000 }] });
      const diff = await spectator.until((it) => it.type === 'diff' && resultsOf(it).some(({ bib }) => bib === '1'));
      const page = await day.results();
      expect(page.data.map(({ bib, name, rank, behindMs }) => [bib, name, rank, behindMs])).toEqual([
        ['1', 'Runner 1', 1, 0],
        ['2', 'Runner 2', 2, 100_000],
      ]);
      expect(resultsOf(diff)).toEqual(page.data);
      spectator.socket.close();
    }));

  it('[CN-07] merge field by field: what is left out stays, an empty status is null, null takes back', () =>
    onDay({}, async (day) => {
      const { raceId } = day;
      const tell = (result: object) => ingest(day, 'results', { results: [{ raceId, bib: '3', ...result }] });
      const row = async () => (await day.results()).data[0];
      await tell({ timeMs: 1000, status: '' });
      expect(await row()).toMatchObject({ gunMs: 1000, status: null, rank: 1 });
      await tell({ status: 'DSQ' });
      expect(await row()).toMatchObject({ status: 'DSQ', rank: null });
      await tell({ status: null });
      expect(await row()).toMatchObject({ gunMs: 1000, status: null, rank: 1 });
      await tell({ timeMs: 900 });
      expect(await row()).toMatchObject({ gunMs: 900 });
      await tell({ timeMs: null });
      expect((await day.results()).total).toBe(0);
    }));

  it('stand over what reads give', () =>
    onDay({}, async (day) => {
      await day.finish([1, 1_000_000]);
      await ingest(day, 'results', { results: [{ raceId: day.raceId, bib: '1', timeMs: 999_000 }] });
      expect((await day.results()).data).toMatchObject([{ bib: '1', gunMs: 999_000, name: 'Runner 1' }]);
    }));

  it.each([
    ['no list', {}],
    ['a field that nobody knows', { results: [{ raceId: 'r', bib: '1', timeMs: 1, chip: '0580' }] }],
    ['a status that is none', { results: [{ raceId: 'r', bib: '1', status: 'LOST' }] }],
    ['a negative time', { results: [{ raceId: 'r', bib: '1', timeMs: -1 }] }],
    ['no bib', { results: [{ raceId: 'r', bib: ' ', timeMs: 1 }] }],
    ['a race id that is none', { results: [{ raceId: '../x', bib: '1', timeMs: 1 }] }],
    ['too many', { results: Array.from({ length: 10_001 }, (_, index) => ({ raceId: 'r', bib: String(index) })) }],
  ])('[P16] are refused with the fields that are wrong: %s', (_, body) =>
    onDay({}, async (day) => {
      expect(await ingest(day, 'results', body)).toMatchObject({
        status: 400,
        body: { code: 'BAD_REQUEST', details: { fields: expect.any(Object) } },
      });
      expect((await day.results()).total).toBe(0);
    }),
  );

  it('[CN-24] may be none: what says nothing is taken and changes nothing', () =>
    onDay({}, async (day) => {
      for (const [kind, body] of [
        ['structure', { races: [], categories: [], participants: [] }],
        ['results', { results: [] }],
        ['oncourse', { oncourse: [] }],
      ] as const) {
        expect(await ingest(day, kind, body)).toMatchObject({ status: 200, body: { imported: 0 } });
      }
      expect((await day.results()).total).toBe(0);
    }));

  it('[P1] are there after a restart, without a word from their system', async () => {
    const disk = createMemoryDisk();
    const first = await raceDay({ store: createMemoryStore(disk) });
    const { raceId } = first;
    await ingest(first, 'results', { results: [{ raceId, bib: '1', timeMs: 500, status: '' }] });
    await first.close();
    const second = await startRelay({ store: createMemoryStore(disk) });
    const page = await second.ask('GET', `/api/v1/events/run/results/${raceId}`, { token: null });
    expect(page.body).toMatchObject({ data: [{ bib: '1', name: 'Runner 1', gunMs: 500 }] });
    await second.close();
    expect(second.defects).toEqual([]);
  });
});

describe('structure of another timing system', () => {
  it('[CN-06] [CN-21] is told as a new whole, as HTTP has it, and never as a diff', () =>
    onDay({}, async (day) => {
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      const participants = Array.from({ length: 1500 }, (_, index) => ({
        bib: String(1000 + index),
        raceId: 'half',
        name: `Guest ${index}`,
        club: null,
        category: 'open',
      }));
      const sent = await ingest(day, 'structure', {
        races: [{ raceId: 'half', name: 'Half marathon' }],
        categories: [{ categoryId: 'open', name: 'Open' }],
        participants,
      });
      expect(sent).toMatchObject({ status: 200, body: { imported: 1502 } });
      await day.get('categories');
      const whole = await spectator.until((it) => isFull(it) && it.data.races.length === 2);
      expect(fullOf(whole).races).toMatchObject([{ raceId: day.raceId }, { raceId: 'half', name: 'Half marathon' }]);
      const categories = (await day.get('categories')).body as { readonly data: readonly object[] };
      expect(fullOf(whole).categories).toEqual(categories.data);
      expect(spectator.messages.every(({ type }) => type === 'full')).toBe(true);
      const startlist = (await day.get('startlist/half?limit=2')).body;
      expect(startlist).toMatchObject({ total: 1500, data: [{ bib: '1000', name: 'Guest 0', category: 'open' }, {}] });
      spectator.socket.close();
    }));

  it('[CN-21] nor is a roster that is imported while people watch', () =>
    onDay({}, async (day) => {
      await day.finish([1, 1_000_000], [2, 1_000_010], [9, 1_000_020]);
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      await day.importCsv('bib,name,chip\n1,Renamed,058000000001\n9,Late,058000000009');
      const whole = await spectator.until((it) => isFull(it) && it.data.results.some(({ name }) => name === 'Renamed'));
      expect(fullOf(whole).results).toEqual((await day.results()).data);
      expect(spectator.messages.every(({ type }) => type === 'full')).toBe(true);
      spectator.socket.close();
    }));

  it('[CN-25] keeps results that came before it, and results keep the structure that came before them', async () => {
    const f = await startRelay({ flags: { 'spectator-gather-ms': '10' } });
    await createEvent(f, 'run');
    const race = 'elite';
    const results = async () =>
      (await f.ask('GET', `/api/v1/events/run/results/${race}`, { token: null })).body as ResultsPage;
    await ingest(f, 'results', {
      results: [
        { raceId: race, bib: '11', timeMs: 2000 },
        { raceId: race, bib: '12', timeMs: 1000 },
      ],
    });
    expect((await results()).data.map(({ bib, name, rank }) => [bib, name, rank])).toEqual([
      ['12', '', 1],
      ['11', '', 2],
    ]);
    await ingest(f, 'structure', {
      races: [{ raceId: race, name: 'Elite' }],
      participants: [{ bib: '11', raceId: race, name: 'Ada' }],
    });
    expect((await results()).data.map(({ bib, name, rank }) => [bib, name, rank])).toEqual([
      ['12', '', 1],
      ['11', 'Ada', 2],
    ]);
    await ingest(f, 'results', { results: [{ raceId: race, bib: '11', timeMs: 500 }] });
    expect((await results()).data.map(({ bib, name, rank }) => [bib, name, rank])).toEqual([
      ['11', 'Ada', 1],
      ['12', '', 2],
    ]);
    const races = await f.ask('GET', '/api/v1/events/run/races', { token: null });
    expect(races.body).toMatchObject({ races: [{ raceId: race, name: 'Elite' }] });
    await f.close();
    expect(f.defects).toEqual([]);
  });

  it('[CN-25] of a race that only results told of is not needed: it goes by its id until all is taken back', () =>
    onDay({}, async (day) => {
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      const tell = (timeMs: number | null) =>
        ingest(day, 'results', { results: [{ raceId: 'elite', bib: '1', timeMs }] });
      await tell(1000);
      const named = await spectator.until((it) => isFull(it) && it.data.races.length === 2);
      expect(fullOf(named).races[1]).toMatchObject({ raceId: 'elite', name: 'elite' });
      expect((await day.get('results/elite')).body).toMatchObject({ total: 1 });
      await tell(null);
      await spectator.until(
        (it) => isFull(it) && it.data.races.length === 1 && it.data.version > fullOf(named).version,
      );
      expect((await day.get('results/elite')).status).toBe(400);
      spectator.socket.close();
    }));

  it('[CN-25] of a race that was deleted do not bring it back, also after a restart, until its structure comes again', async () => {
    const disk = createMemoryDisk();
    const day = await raceDay({ store: createMemoryStore(disk) });
    const { raceId } = day;
    const tell = (f: Relay, bib: string) =>
      f.ask('POST', '/api/v1/events/run/ingest/results', { body: { results: [{ raceId, bib, timeMs: 1000 }] } });
    const seen = async (f: Relay): Promise<unknown> => {
      const answer = await f.ask('GET', `/api/v1/events/run/results/${raceId}`, { token: null });
      return answer.status === 200 ? (answer.body as { readonly total: number }).total : answer.status;
    };
    await tell(day, '1');
    expect(await seen(day)).toBe(1);
    await day.ask('DELETE', `/api/v1/races/${raceId}`);
    expect(await seen(day)).toBe(404);
    await tell(day, '2');
    expect(await seen(day)).toBe(404);
    await day.close();
    const after: Relay = await startRelay({ store: createMemoryStore(disk) });
    expect(await seen(after)).toBe(404);
    await after.ask('POST', '/api/v1/events/run/ingest/structure', { body: { races: [{ raceId, name: 'Back' }] } });
    expect(await seen(after)).toBe(2);
    await after.close();
    expect([day.defects, after.defects]).toEqual([[], []]);
  });

  it('changes nothing when a participant is in a race that there is not', () =>
    onDay({}, async (day) => {
      const refused = await ingest(day, 'structure', {
        races: [{ name: 'Half' }],
        participants: [{ bib: '1', raceId: 'nowhere', name: 'Lost' }],
      });
      expect(refused).toMatchObject({
        status: 400,
        body: { details: { fields: { 'participants.0.raceId': expect.any(String) } } },
      });
      expect((await day.ask('GET', '/api/v1/events/run/races')).body).toMatchObject({
        races: [{ raceId: day.raceId }],
      });
    }));

  it('names a race once, whether it comes with its id or its name, and keeps what else it has', () =>
    onDay({}, async (day) => {
      await ingest(day, 'structure', { races: [{ name: '10 km' }], categories: [{ categoryId: 'm', name: 'Men' }] });
      await ingest(day, 'structure', { races: [{ raceId: day.raceId, name: '10k' }] });
      const { races } = (await day.ask('GET', '/api/v1/events/run/races')).body as { races: readonly object[] };
      expect(races).toMatchObject([
        {
          raceId: day.raceId,
          name: '10k',
          startAt: '2026-03-07T10:00:00',
          categories: [{ categoryId: 'm', name: 'Men' }],
        },
      ]);
      expect(races).toHaveLength(1);
    }));
});

/** So long no other timer of a relay runs. */
const TTL_MS = 61_001;

/** A relay's time, and the end of a rider's in the hands of the test: a busy machine brings neither nearer. */
const ridersTime = () => {
  const due: (() => void)[] = [];
  let aheadMs = 0;
  const after: Timers['after'] = (ms, run) => {
    if (ms !== TTL_MS) return systemTimers.after(ms, run);
    due.push(run);
    return { clear: () => {} };
  };
  return {
    options: {
      flags: { 'oncourse-ttl-ms': String(TTL_MS) },
      clock: { now: () => systemClock.now() + aheadMs },
      timers: { ...systemTimers, after },
    },
    timeIsOver: () => {
      aheadMs += TTL_MS;
      for (const run of due.splice(0)) run();
    },
  };
};

describe('riders of another timing system', () => {
  it('[CN-04] are told in a diff, stay until their time is over, and are gone then', async () => {
    const riders = ridersTime();
    const day = await raceDay(riders.options);
    const spectator = await watch(day, 'run');
    await spectator.until(isFull);
    await ingest(day, 'oncourse', { oncourse: [{ raceId: day.raceId, bib: '2' }] });
    const diff = await spectator.until((it) => it.type === 'diff' && it.data.oncourse !== undefined);
    expect(diff).toMatchObject({ data: { raceId: day.raceId, oncourse: [{ bib: '2', name: 'Runner 2' }] } });
    expect((await day.get('oncourse')).body).toMatchObject({ data: [{ bib: '2', raceId: day.raceId }], total: 1 });
    riders.timeIsOver();
    const gone = await spectator.until((it) => it.type === 'diff' && it.data.offcourse !== undefined);
    expect(gone).toMatchObject({ data: { offcourse: [{ raceId: day.raceId, bib: '2' }] } });
    expect((await day.get('oncourse')).body).toMatchObject({ data: [], total: 0 });
    spectator.socket.close();
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('[CN-04] leave the course when they have a result', () =>
    onDay({}, async (day) => {
      const { raceId } = day;
      const startedAt = '2026-03-07T10:00:00+01:00';
      await ingest(day, 'oncourse', { oncourse: [{ raceId, bib: '2', startedAt, lastPoint: '' }] });
      expect((await day.get('oncourse')).body).toMatchObject({ total: 1 });
      await ingest(day, 'results', { results: [{ raceId, bib: '2', timeMs: 1 }] });
      expect((await day.get('oncourse')).body).toMatchObject({ total: 0 });
      expect((await day.results()).data).toMatchObject([{ bib: '2', rank: 1 }]);
    }));
});
