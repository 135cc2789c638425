import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ADD_TO_CHIP_TOTALS,
  COPY_READS,
  MIGRATIONS,
  PUT_META,
  pendingMigrations,
  RAISE_CLOCK,
  READ_CLOCK,
  READS_OF_STREAM_AFTER_POS,
  SCHEMA_VERSION,
  VERSION_KEY,
} from '../../src/sql/index.ts';

const INSERT_READS = `INSERT INTO reads (stream_id, epoch, seq, pos, reader_time, received_at, chip, kind, raw)
SELECT stream_id, epoch, seq, pos, reader_time, received_at, chip, kind, decode(raw, 'hex')
FROM json_to_recordset($1::json) AS row (stream_id text, epoch bigint, seq bigint, pos bigint,
  reader_time text, received_at bigint, chip text, kind text, raw text)`;

const row = (seq: number, more: object = {}) => ({
  stream_id: 'box-1.mat',
  epoch: 1,
  seq,
  pos: seq,
  reader_time: '2026-03-06T20:27:47.350',
  received_at: 1_772_828_867_400 + seq,
  chip: '058001ABCDEF',
  kind: 'RAW',
  raw: '6161',
  ...more,
});

/** A raise of the clock of an epoch to `seq`, whose last read came at `receivedAt`. */
const raise = (epoch: number, seq: number, pos: number, receivedAt = 1000): readonly [string] => [
  JSON.stringify([
    { stream_id: 'box-1.mat', epoch, seq, pos, first_received_at: receivedAt, last_received_at: receivedAt },
  ]),
];

const total = (seq: number, more: object = {}) => ({
  stream_id: 'box-1.mat',
  epoch: 1,
  chip: '058001ABCDEF',
  reads: 1,
  first_seq: seq,
  last_seq: seq,
  last_received_at: seq,
  ...more,
});

describe('migrations', () => {
  it('count 1, 2, 3 … and end at the schema version', () => {
    expect(MIGRATIONS.map((it) => it.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect(MIGRATIONS.at(-1)?.version).toBe(SCHEMA_VERSION);
    expect(pendingMigrations(0)).toEqual(MIGRATIONS);
    expect(pendingMigrations(SCHEMA_VERSION)).toEqual([]);
  });
});

describe('replica in Postgres', () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create();
    for (const migration of pendingMigrations(0)) await db.exec(migration.sql);
    await db.query(PUT_META, [VERSION_KEY, `${SCHEMA_VERSION}`]);
  }, 180_000);
  afterAll(() => db.close());
  beforeEach(async () => {
    await db.exec('TRUNCATE reads, clock, chip_totals, streams, epochs, races, mappings, participants, chips');
  });

  const texts = async (sql: string): Promise<readonly unknown[]> => (await db.query(sql)).rows;

  it('[P4] takes no second row under a known number', async () => {
    await db.query(INSERT_READS, [JSON.stringify([row(1), row(2)])]);
    const again = JSON.stringify([row(3), row(2, { raw: 'ff', pos: 4 })]);
    await expect(db.query(INSERT_READS, [again])).rejects.toThrow(/duplicate key/);
    expect(await texts("SELECT seq, encode(raw, 'hex') AS raw FROM reads ORDER BY seq")).toEqual([
      { seq: 1, raw: '6161' },
      { seq: 2, raw: '6161' },
    ]);
  });

  it('takes rows by COPY, bytes and nulls included', async () => {
    const lines = 'box-1.mat\t1\t1\t1\t\\N\t9007199254740991\t\\N\tRAW\t\\\\x00ff0a\n';
    await db.query(COPY_READS, [], { blob: new Blob([lines]) });
    expect(await texts("SELECT reader_time, received_at, chip, encode(raw, 'hex') AS raw FROM reads")).toEqual([
      { reader_time: null, received_at: Number.MAX_SAFE_INTEGER, chip: null, raw: '00ff0a' },
    ]);
  });

  it('raises a clock and never lowers it', async () => {
    await db.query(RAISE_CLOCK, [...raise(1, 5, 50)]);
    await db.query(RAISE_CLOCK, [...raise(1, 3, 30)]);
    await db.query(RAISE_CLOCK, [...raise(4_294_967_295, 1, 51)]);
    expect(await texts(READ_CLOCK)).toEqual([
      { stream_id: 'box-1.mat', epoch: 1, seq: 5, pos: 50 },
      { stream_id: 'box-1.mat', epoch: 4_294_967_295, seq: 1, pos: 51 },
    ]);
  });

  it('keeps the receipt of the first read and of the last by their order, whatever the clocks said', async () => {
    await db.query(RAISE_CLOCK, [...raise(1, 5, 50, 86_400_000)]);
    await db.query(RAISE_CLOCK, [...raise(1, 6, 51, 7)]);
    expect(await texts('SELECT first_received_at AS first, last_received_at AS last FROM clock')).toEqual([
      { first: 86_400_000, last: 7 },
    ]);
  });

  it('is what docs/sql.md says: every table, view and column, with its type, and statements that run', async () => {
    const page = await readFile(new URL('../../../docs/sql.md', import.meta.url), 'utf8');
    const documented = page
      .split(/^### /m)
      .slice(1)
      .flatMap((section) => {
        const [table = ''] = section.split('\n', 1);
        return [...section.matchAll(/^\| `(\w+)` \| ([\w ]+) \|/gm)].map(
          ([, column, type]) => `${table}.${column} ${type}`,
        );
      });
    const { rows } = await db.query<{ name: string }>(`
      SELECT table_name || '.' || column_name || ' ' || data_type AS name FROM information_schema.columns
      WHERE table_schema = 'public'`);
    expect([...documented].sort()).toEqual(rows.map(({ name }) => name).sort());
    const statements = [...page.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql = '']) => sql);
    expect(statements.length).toBeGreaterThan(2);
    for (const sql of statements) await db.query(sql);
  });

  it('serves one stream in the order of arrival', async () => {
    const late = { epoch: 1, pos: 7 };
    await db.query(INSERT_READS, [
      JSON.stringify([row(1, { epoch: 2, pos: 5 }), row(1, { stream_id: 'x.y', pos: 6 }), row(9, late)]),
    ]);
    const { rows } = await db.query<{ pos: number }>(READS_OF_STREAM_AFTER_POS, ['box-1.mat', 0, 100, 10]);
    expect(rows.map((it) => it.pos)).toEqual([5, 7]);
    expect((await db.query(READS_OF_STREAM_AFTER_POS, ['box-1.mat', 5, 100, 1])).rows).toHaveLength(1);
    expect((await db.query(READS_OF_STREAM_AFTER_POS, ['box-1.mat', 0, 6, 10])).rows).toHaveLength(1);
  });

  it('shows lines with race, runner and times; a time that is none is null', async () => {
    await db.query(INSERT_READS, [JSON.stringify([row(1), row(2, { reader_time: 'soon', received_at: 1e15 })])]);
    await db.exec(`
      INSERT INTO mappings VALUES ('box-1.mat', 1, 'r1');
      INSERT INTO chips VALUES ('058001abcdef', 'p1');
      INSERT INTO participants (participant_id, bib, first_name, last_name) VALUES ('p1', '7', 'Ada', 'Swift')`);
    expect(
      await texts('SELECT seq, reader_at::text AS at, line, race_id, bib, name FROM read_lines ORDER BY seq'),
    ).toEqual([
      { seq: 1, at: '2026-03-06 20:27:47.35', line: 'aa', race_id: 'r1', bib: '7', name: 'Ada Swift' },
      { seq: 2, at: null, line: 'aa', race_id: 'r1', bib: '7', name: 'Ada Swift' },
    ]);
  });

  it('says what is held of each epoch and which chips nobody has', async () => {
    await db.query(INSERT_READS, [JSON.stringify([row(1), row(2, { chip: null })])]);
    await db.query(RAISE_CLOCK, [...raise(1, 2, 2)]);
    await db.query('INSERT INTO chip_totals SELECT * FROM json_populate_recordset(NULL::chip_totals, $1)', [
      JSON.stringify([total(1)]),
    ]);
    const { stream_id, epoch, chip, reads, last_seq, last_received_at } = total(5);
    await db.query(ADD_TO_CHIP_TOTALS, [stream_id, epoch, [chip], [reads], [last_seq], [last_received_at]]);
    await db.exec("INSERT INTO epochs (stream_id, epoch, head) VALUES ('box-1.mat', 1, 3), ('box-1.mat', 2, 0)");
    expect(await texts('SELECT epoch, held, head, complete FROM progress ORDER BY epoch')).toEqual([
      { epoch: 1, held: 2, head: 3, complete: false },
      { epoch: 2, held: 0, head: 0, complete: true },
    ]);
    expect(await texts('SELECT chip, reads FROM unknown_chips')).toEqual([{ chip: '058001ABCDEF', reads: 2 }]);
  });
});
