import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PgliteDatabase } from '../../src/replica/pglite-database.ts';
import { MAT, madeFrames } from './made-reads.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';

let shared: SharedDatabase;
let database: PgliteDatabase;
beforeAll(async () => {
  shared = await openShared();
  database = await shared.fresh();
  await database.applyReads(madeFrames(MAT, 1, 1, 50));
}, 120_000);
afterAll(() => shared.close());

const select = (sql: string, params: readonly unknown[] = [], maxRows = 10) => database.select(sql, params, maxRows);

describe('a select for a console', () => {
  it('gives columns with their types and rows as arrays, two columns of one name too', async () => {
    expect(await select('SELECT seq, kind, 1.5::numeric AS seq FROM reads WHERE seq > $1 ORDER BY 1', [49])).toEqual({
      ok: true,
      value: {
        columns: [
          { name: 'seq', type: 'bigint' },
          { name: 'kind', type: 'text' },
          { name: 'seq', type: 'numeric' },
        ],
        rows: [[50, 'RAW', '1.5']],
        truncated: false,
      },
    });
  });

  it('is cut, and says so', async () => {
    const cut = await select('SELECT seq FROM reads ORDER BY seq', [], 3);
    expect(cut).toMatchObject({ ok: true, value: { rows: [[1], [2], [3]], truncated: true } });
    expect(await select('SELECT seq FROM reads', [], 50)).toMatchObject({ value: { truncated: false } });
    expect(await select('SELECT seq FROM reads WHERE false')).toMatchObject({
      value: { columns: [{ name: 'seq' }], rows: [], truncated: false },
    });
  });

  it('fetches no more than it shows of millions of rows', async () => {
    const thousand = (name: string): string => `generate_series(1, 1000) AS ${name}`;
    const all = `SELECT repeat('x', 1000) FROM ${thousand('a')}, ${thousand('b')}, ${thousand('c')}`; // a terabyte
    const line = 'x'.repeat(1000);
    expect(await select(all, [], 2)).toMatchObject({ ok: true, value: { rows: [[line], [line]], truncated: true } });
  });

  it.each([
    '  -- who came first\n/* of all */ select 1 AS one;',
    '(SELECT 1 AS one) UNION ALL (SELECT 1 WHERE false)',
    'WITH it AS (SELECT 1 AS one) SELECT * FROM it',
    'VALUES (1)',
  ])('takes %j', async (sql) => {
    expect(await select(sql)).toMatchObject({ ok: true, value: { rows: [[1]] } });
  });

  it.each(['EXPLAIN SELECT 1', 'SHOW server_version'])('takes %j', async (sql) => {
    expect(await select(sql)).toMatchObject({ ok: true, value: { truncated: false } });
  });

  it.each([
    'DELETE FROM reads',
    'WITH gone AS (DELETE FROM reads RETURNING 1) SELECT * FROM gone',
    'SELECT 1; DELETE FROM reads',
    'COMMIT; DELETE FROM reads',
    'DROP TABLE reads',
    'SELEC 1',
    'SELECT 1/0',
    'SELECT $1',
    '',
  ])('refuses %j, and nothing is changed', async (sql) => {
    const answer = await select(sql);
    if (answer.ok) expect(answer.value.rows).toEqual([]);
    else expect(answer.error.type).toBe('sql-error');
    expect(await select('SELECT count(*) FROM reads')).toMatchObject({ value: { rows: [[50]] } });
  });

  it('leaves no setting behind that would stop the next store', async () => {
    await select("SELECT set_config('default_transaction_read_only', 'on', false)");
    await database.query("SELECT set_config('default_transaction_read_only', 'on', false)", []);
    expect(await database.applyReads(madeFrames(MAT, 1, 51, 51))).toMatchObject({ type: 'applied', stored: 1 });
    await database.dropEpoch({ streamId: MAT, epoch: 1 });
    await database.applyReads(madeFrames(MAT, 1, 1, 50));
  });
});
