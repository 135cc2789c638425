import { silentLog } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import { createVirtualTime } from '@baton/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LiveQuery, liveQuery } from '../../src/replica/live-query.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import type { QueryFailure, QueryRows, Replica } from '../../src/replica/replica.ts';
import { GATE, MAT, madeFrames } from './made-reads.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';
import { replicaOverDatabase } from './over-shared.ts';
import { ALL_TEN, FINISH, framesOf, readAt, rosterOf, rowsOf, runner, setupOf } from './race-stage.ts';
import { realTimers } from './real-timers.ts';

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openShared();
}, 120_000);
afterAll(() => shared.close());

describe('a live query', () => {
  const time = createVirtualTime();
  let replica: Replica;
  let live: LiveQuery | null = null;
  let answers: Result<QueryRows, QueryFailure>[] = [];
  /** Queries under way, and how often one was begun; explanations are not counted. */
  let [asking, most, asked] = [0, 0, 0];
  let answerInstead: Result<QueryRows, QueryFailure> | null = null;

  beforeEach(async () => {
    const real = replicaOverDatabase(await shared.fresh(), silentLog);
    [answers, asking, most, asked, answerInstead] = [[], 0, 0, 0, null];
    replica = {
      ...real,
      query: async (sql, params) => {
        if (sql.startsWith('EXPLAIN')) return real.query(sql, params);
        asked++;
        most = Math.max(most, ++asking);
        const rows = answerInstead ?? (await real.query(sql, params));
        asking--;
        return rows;
      },
    };
  });
  afterEach(async () => {
    live?.stop();
    await replica.close();
  });

  const begin = (sql: string, params: readonly unknown[] = []): void => {
    live = liveQuery(replica, sql, params, (rows) => answers.push(rows), { timers: time.timers });
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    const giveUp = realTimers.mono() + 20_000;
    while (!isSo()) {
      if (realTimers.mono() > giveUp) throw new Error(`not within 20 s: ${JSON.stringify(answers)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const settled = async (count: number): Promise<unknown> => {
    await until(() => answers.length >= count && asking === 0);
    expect(answers).toHaveLength(count);
    const last = answers.at(-1);
    return last?.ok === true ? last.value : last;
  };

  it('is answered at once, and again after a change of what it reads', async () => {
    begin('SELECT count(*) AS n FROM reads WHERE seq > $1', [2]);
    expect(await settled(1)).toEqual([{ n: 0 }]);
    await replica.applyReads(madeFrames(MAT, 1, 1, 5));
    expect(answers).toHaveLength(1);
    time.advance(250);
    expect(await settled(2)).toEqual([{ n: 3 }]);
  });

  it('is not asked again for what it does not read, through views too', async () => {
    begin('SELECT bib FROM result_list');
    expect(await settled(1)).toEqual([]);
    await replica.applyReads(madeFrames(MAT, 1, 1, 5));
    await replica.applyTargets([{ streamId: MAT, epoch: 1, head: 5, sealed: false }]);
    time.advance(10_000);
    expect(asked).toBe(1);
    await replica.applySetup(rowsOf(setupOf(ALL_TEN), rosterOf([runner('7')])));
    time.advance(250);
    await settled(2); // it shows the names of races and categories
  });

  it('of results is asked again when the projection has changed them', async () => {
    await replica.applySetup(rowsOf(setupOf(ALL_TEN), rosterOf([runner('7')])));
    begin('SELECT bib, rank FROM results');
    expect(await settled(1)).toEqual([]);
    const results = new Promise<void>((resolve) => {
      replica.onChange(({ type }) => type === 'results' && resolve());
    });
    await replica.applyReads(framesOf({ streamId: FINISH, epoch: 1 }, 1, [readAt('7', 900)]));
    await results;
    time.advance(250);
    expect(await settled(2)).toEqual([{ bib: '7', rank: 1 }]);
  });

  it('answers a burst of changes as one, and is never asked twice at the same time', async () => {
    begin('SELECT count(*) AS n FROM reads');
    await settled(1);
    for (let seq = 1; seq <= 10; seq++) {
      await replica.applyReads(madeFrames(MAT, 1, seq, seq));
      time.advance(20);
    }
    time.advance(250);
    expect(await settled(2)).toEqual([{ n: 10 }]);
    const [first, second] = [
      replica.applyReads(madeFrames(GATE, 1, 1, 1)),
      replica.applyReads(madeFrames(GATE, 1, 2, 2)),
    ];
    await first;
    time.advance(250); // asked while the second is being stored
    await second;
    await until(() => answers.length >= 3);
    time.advance(250);
    await until(() => answers.some((it) => it.ok && it.value[0]?.['n'] === 12));
    expect(most).toBe(1);
  });

  it('gives failures as answers, and asks again when what it reads changes', async () => {
    begin('SELECT nothing FROM reads');
    expect(await settled(1)).toMatchObject({ ok: false, error: { type: 'sql-error' } });
    await replica.applyReads(madeFrames(MAT, 1, 1, 1));
    time.advance(250);
    expect(await settled(2)).toMatchObject({ ok: false, error: { type: 'sql-error' } });
  });

  it('goes on by itself when the replica was being reopened', async () => {
    answerInstead = err({ type: 'lost', message: 'reopening' });
    begin('SELECT 1 AS one');
    expect(await settled(1)).toMatchObject({ ok: false, error: { type: 'lost' } });
    answerInstead = null;
    time.advance(500);
    expect(await settled(2)).toEqual([{ one: 1 }]);
  });

  it('is silent once stopped, also about what is under way', async () => {
    begin('SELECT count(*) AS n FROM reads');
    live?.stop();
    await until(() => asked === 1 && asking === 0);
    await replica.applyReads(madeFrames(MAT, 1, 1, 5));
    time.advance(1000);
    expect([answers, asked]).toEqual([[], 1]);
  });

  it('says where there is no SQL', async () => {
    const memory = createMemoryReplica({ log: silentLog });
    const told: unknown[] = [];
    const query = liveQuery(memory, 'SELECT 1', [], (rows) => told.push(rows), { timers: time.timers });
    await until(() => told.length > 0);
    expect(told).toMatchObject([{ ok: false, error: { type: 'unsupported' } }]);
    query.stop();
  });
});
