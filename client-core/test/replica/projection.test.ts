import type { Correction, Participant, ParticipantId } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { type Pair, type PairKey, pairFromKey, pairKey, type Read } from '@baton/schema/reads';
import { type SeededRandom, withSeed } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PgliteDatabase } from '../../src/replica/pglite-database.ts';
import { RESULT_TABLES } from '../../src/replica/result-tables.ts';
import type { TableRow } from '../../src/replica/table-mirror.ts';
import { openShared, projectAll, type SharedDatabase } from './open-in-memory.ts';
import {
  ALL_TEN,
  expectedRows,
  FINISH,
  FIVE,
  foldReads,
  framesOf,
  HALF,
  idOf,
  readAt,
  rosterOf,
  rowsOf,
  runner,
  START,
  setupOf,
  sortedRows,
  TEN,
} from './race-stage.ts';

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openShared();
}, 120_000);
afterAll(() => shared.close());

const BIBS = ['1', '2', '3', '4', '5'];
const PAIRS: readonly Pair[] = [START, HALF, FINISH].flatMap((streamId) => [
  { streamId, epoch: 1 },
  { streamId, epoch: 2 },
]);
const keyOf = (pair: Pair): PairKey => pairKey(pair.streamId, pair.epoch);

/** A replica and, beside it, all that it was ever given. */
const createStage = async () => {
  let database = await shared.fresh();
  const given = new Map<PairKey, Read[]>();
  const mapped = new Map<PairKey, RaceId>(ALL_TEN);
  const corrections = new Map<ParticipantId, Correction>();
  let runners: readonly Participant[] = BIBS.slice(0, 3).map((bib) => runner(bib));

  const setup = () => setupOf(mapped);
  const roster = () => rosterOf(runners, corrections);
  const applySetup = () => database.applySetup(rowsOf(setup(), roster()));

  const pull = async (pair: Pair, reads: readonly Read[]): Promise<void> => {
    const held = given.get(keyOf(pair)) ?? [];
    given.set(keyOf(pair), held);
    const reply = await database.applyReads(framesOf(pair, held.length + 1, reads));
    expect(reply).toMatchObject({ type: 'applied', stored: reads.length });
    held.push(...reads);
  };

  const expectEqual = async (): Promise<void> => {
    const held = new Map(
      [...given].flatMap(([key, reads]) => {
        const pair = pairFromKey(key);
        return pair === null ? [] : [[key, foldReads(pair, reads)] as const];
      }),
    );
    const expected = expectedRows(setup(), roster(), held);
    for (const table of RESULT_TABLES) {
      const rows = await shared.rows<TableRow>(`SELECT * FROM ${table}`);
      expect([table, sortedRows(rows, table)]).toEqual([table, sortedRows(expected[table], table)]);
    }
    expect(await database.resultsState()).toMatchObject({ current: true });
  };

  return {
    database: (): PgliteDatabase => database,
    restart: async () => {
      database = await shared.restart();
    },
    map: async (pair: Pair, raceId: RaceId | null) => {
      if (raceId === null) mapped.delete(keyOf(pair));
      else mapped.set(keyOf(pair), raceId);
      await applySetup();
    },
    correct: async (bib: string, correction: Correction | null) => {
      if (correction === null) corrections.delete(idOf(bib));
      else corrections.set(idOf(bib), correction);
      await applySetup();
    },
    enter: async (entered: readonly Participant[]) => {
      runners = entered;
      await applySetup();
    },
    drop: async (pair: Pair) => {
      given.delete(keyOf(pair));
      await database.dropEpoch(pair);
    },
    applySetup,
    pull,
    expectEqual,
  };
};

const someReads = (random: SeededRandom): readonly Read[] =>
  Array.from({ length: random.int(1, 12) }, () =>
    readAt(BIBS[random.int(0, BIBS.length - 1)] ?? '1', random.int(-20, 400) / 4, random.int(0, 2_000_000_000_000)),
  );

type Stage = Awaited<ReturnType<typeof createStage>>;

const doSomething = async (stage: Stage, random: SeededRandom): Promise<void> => {
  const pair = PAIRS[random.int(0, PAIRS.length - 1)] ?? { streamId: START, epoch: 1 };
  const bib = BIBS[random.int(0, BIBS.length - 1)] ?? '1';
  switch (random.int(0, 9)) {
    case 0:
      return stage.restart();
    case 1:
      return stage.map(pair, [TEN, FIVE, null][random.int(0, 2)] ?? null);
    case 2:
      return stage.enter(
        BIBS.slice(0, random.int(1, BIBS.length)).map((it) => runner(it, { raceId: it === bib ? FIVE : null })),
      );
    case 3: {
      const status = ([null, 'DNF', 'DSQ', 'DNS'] as const)[random.int(0, 3)] ?? null;
      const correction = { status, manualMs: random.int(0, 1) === 0 ? 60_000 : null, reason: '', author: 'kim', at: 5 };
      return stage.correct(bib, random.int(0, 3) === 0 ? null : correction);
    }
    case 4:
      return stage.drop(pair);
    case 5:
    case 6: {
      for (let steps = random.int(1, 4); steps > 0; steps--) await stage.database().project();
      return;
    }
    default:
      return stage.pull(pair, someReads(random));
  }
};

describe('results in the tables', () => {
  it('[P6] [P13] equal the fold of the same reads, in whatever order things happen, through kills and restarts', async () => {
    await withSeed(async (random) => {
      for (let round = 0; round < 12; round++) {
        const stage = await createStage();
        await stage.applySetup();
        for (let actions = random.int(5, 25); actions > 0; actions--) await doSomething(stage, random);
        await projectAll(stage.database());
        await stage.expectEqual();
        await stage.restart();
        expect(await stage.database().project()).toEqual({ type: 'current', changed: false });
        await stage.expectEqual();
      }
    });
  }, 240_000);

  it('[P13] equal the fold of the same reads while one comes after the other and moves the ranks of many', async () => {
    await withSeed(async (random) => {
      const stage = await createStage();
      const bibs = Array.from({ length: 90 }, (_, index) => `${index + 1}`);
      await stage.enter(bibs.map((bib) => runner(bib)));
      const anyBib = (): string => bibs[random.int(0, bibs.length - 1)] ?? '1';
      const readsAt = (from: number, to: number, count: number): readonly Read[] =>
        Array.from({ length: count }, () =>
          readAt(anyBib(), random.int(from, to) / 4, random.int(0, 2_000_000_000_000)),
        );
      await stage.pull({ streamId: START, epoch: 1 }, readsAt(0, 80, 60));
      await stage.pull({ streamId: HALF, epoch: 1 }, readsAt(2000, 2400, 80));
      await stage.pull({ streamId: FINISH, epoch: 1 }, readsAt(4000, 4800, 70));
      await projectAll(stage.database());
      await stage.expectEqual();
      for (let step = 0; step < 40; step++) {
        const streamId = [START, HALF, FINISH][random.int(0, 2)] ?? FINISH;
        const from = { [START]: 0, [HALF]: 2000, [FINISH]: 4000 }[streamId] ?? 0;
        await stage.pull({ streamId, epoch: 1 }, readsAt(from - 40, from + 800, random.int(1, 3)));
        if (step % 10 === 5)
          await stage.correct(anyBib(), { status: 'DSQ', manualMs: null, reason: '', author: 'kim', at: 5 });
        await projectAll(stage.database());
        await stage.expectEqual();
      }
    });
  }, 120_000);

  it('one runner who comes in first moves the others without a row of theirs being compared', async () => {
    const stage = await createStage();
    const bibs = Array.from({ length: 60 }, (_, index) => `${index + 1}`);
    await stage.enter(bibs.map((bib) => runner(bib)));
    await stage.pull(
      { streamId: FINISH, epoch: 1 },
      bibs.slice(1).map((bib) => readAt(bib, 1000 + Number(bib))),
    );
    await projectAll(stage.database());
    const asked: string[] = [];
    const { query } = shared.db;
    shared.db.query = (sql: string, ...rest: unknown[]) => {
      asked.push(sql);
      return Reflect.apply(query, shared.db, [sql, ...rest]);
    };
    await stage.pull({ streamId: FINISH, epoch: 1 }, [readAt('1', 900)]);
    await projectAll(stage.database());
    shared.db.query = query;
    expect(asked.filter((sql) => sql.includes('FROM results') && !sql.includes('ANY ($2'))).toEqual([]);
    expect(asked.some((sql) => sql.includes('FROM results'))).toBe(true);
    await stage.expectEqual();
    expect(await shared.rows('SELECT bib, rank, sex_rank FROM results ORDER BY rank LIMIT 3')).toEqual([
      { bib: '1', rank: 1, sex_rank: 1 },
      { bib: '2', rank: 2, sex_rank: 1 },
      { bib: '3', rank: 3, sex_rank: 2 },
    ]);
  });

  it('[RT-28] go on from the tables alone after a start without a network', async () => {
    const stage = await createStage();
    await stage.applySetup();
    await stage.pull({ streamId: START, epoch: 1 }, [readAt('1', 3)]);
    await projectAll(stage.database());
    await stage.restart();
    await stage.pull({ streamId: FINISH, epoch: 1 }, [readAt('1', 1800), readAt('2', 1801)]);
    expect(await stage.database().resultsState()).toMatchObject({ current: false });
    await projectAll(stage.database());
    await stage.expectEqual();
    expect(
      await shared.rows('SELECT bib, rank, gun_time::text AS gun, chip_time::text AS chip FROM result_list'),
    ).toEqual([
      { bib: '1', rank: 1, gun: '00:30:00', chip: '00:29:57' },
      { bib: '2', rank: 2, gun: '00:30:01', chip: null },
    ]);
  });

  it('a clock set back a day changes no result and no order', async () => {
    const day = 86_400_000;
    const receipts = [day * 3, day * 3 + 1, day * 2, day * 2 + 1];
    const reads = ['3', '1', '2', '1'].map((bib, index) => readAt(bib, 1000 + index, receipts[index] ?? 0));
    const ranks: unknown[] = [];
    for (const arrived of [reads, reads.map((it, index) => ({ ...it, receivedAt: day * 3 + index }))]) {
      const stage = await createStage();
      await stage.applySetup();
      for (const read of arrived) await stage.pull({ streamId: FINISH, epoch: 1 }, [read]);
      await projectAll(stage.database());
      await stage.expectEqual();
      ranks.push(await shared.rows('SELECT bib, rank, gun_ms FROM results ORDER BY rank'));
      const page = await stage.database().readFrom({ type: 'stream', streamId: FINISH }, 0, 10);
      expect(page.reads.map(({ seq, pos }) => [seq, pos])).toEqual([1, 2, 3, 4].map((it) => [it, it]));
    }
    expect(ranks[0]).toEqual(ranks[1]);
    expect(ranks[0]).toMatchObject([{ bib: '3' }, { bib: '1' }, { bib: '2' }]);
  });

  it('write only what differs', async () => {
    const stage = await createStage();
    await stage.applySetup();
    await stage.pull({ streamId: FINISH, epoch: 1 }, [readAt('1', 1000)]);
    await projectAll(stage.database());
    const before = await shared.rows('SELECT bib, xmin::text AS version FROM results');
    await stage.pull({ streamId: FINISH, epoch: 1 }, [readAt('2', 1001)]);
    expect(await projectAll(stage.database())).toMatchObject({ changed: true });
    expect(await shared.rows("SELECT bib, xmin::text AS version FROM results WHERE bib = '1'")).toEqual(before);
    await stage.pull({ streamId: FINISH, epoch: 2 }, [readAt('2', 1001)]); // not mapped
    expect(await projectAll(stage.database())).toMatchObject({ changed: false });
  });

  it('take a whole transaction of history in one step, so that they keep up with it', async () => {
    const stage = await createStage();
    const reads = Array.from({ length: 1000 }, (_, index) => readAt('1', index));
    for (let pulled = 0; pulled < 20_000; pulled += reads.length)
      await stage.pull({ streamId: START, epoch: 1 }, reads);
    await stage.applySetup();
    const steps: boolean[] = [];
    do steps.push(await stage.database().prepare());
    while (steps.at(-1));
    expect(steps).toEqual([true, true, true, false]); // each race, the reads of one of them, no more
  });

  it('are none where the event, and with it the zone, is not known', async () => {
    const stage = await createStage();
    await stage.database().applySetup({ ...rowsOf(setupOf(ALL_TEN), rosterOf([runner('1')])), event: [] });
    await stage.pull({ streamId: FINISH, epoch: 1 }, [readAt('1', 1000)]);
    await projectAll(stage.database());
    expect(await shared.rows('SELECT * FROM results')).toEqual([]);
  });
});
