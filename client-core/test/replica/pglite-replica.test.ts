import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createJsonLog, type Log } from '@baton/schema/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_NAME, PGLITE_VERSION } from '../../src/replica/database-directory.ts';
import { openPgliteReplica } from '../../src/replica/pglite-replica.ts';
import type { Replica } from '../../src/replica/replica.ts';
import { NO_SETUP } from '../../src/replica/setup-rows.ts';
import { MAT, madeFrames } from './made-reads.ts';
import { openShared } from './open-in-memory.ts';
import { ALL_TEN, FINISH, framesOf, readAt, rosterOf, rowsOf, runner, setupOf } from './race-stage.ts';
import { realTimers } from './real-timers.ts';
import { describeReplica, readAll } from './replica-contract.ts';

let root: string;
let template: string;
let made = 0;

const lines: string[] = [];
const log: Log = createJsonLog({ clock: { now: () => 0 }, write: (line) => lines.push(line) });

/** As long as a machine may take that does much else. */
const limits = { openMs: 180_000, callMs: 180_000 };
const openAt = (dataDir: string) =>
  openPgliteReplica({ timers: realTimers, log }, { dataDir, owner: 'the test', limits });

const open = async (dataDir: string): Promise<Replica> => {
  const opened = await openAt(dataDir);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

/** A data directory with an empty replica: copying one is ten times faster than making one. */
const freshDir = async (): Promise<string> => {
  const dir = join(root, `data-${made++}`);
  await cp(template, dir, { recursive: true });
  return dir;
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-replica-'));
  template = join(root, 'template');
  await (await open(template)).close();
}, 180_000);

afterAll(() => rm(root, { recursive: true, force: true }));

describeReplica('PGlite files', async () => open(await freshDir()));

describe('PGlite replica on disk', () => {
  it('is named by the PGlite that is installed', async () => {
    const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
    const manifest: unknown = JSON.parse(await readFile(join(dirname(entry), '..', 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ version: PGLITE_VERSION });
  });

  it('holds everything after it was closed and opened again', async () => {
    const dir = await freshDir();
    const target = { streamId: MAT, epoch: 1, head: 90, sealed: false };
    const before = await open(dir);
    await before.applyReads(madeFrames(MAT, 1, 1, 50));
    await before.applyTargets([target]);
    await before.close();
    const after = await open(dir);
    expect([...(await after.clock()).values()]).toEqual([50]);
    expect(await after.targets()).toEqual([target]);
    expect(await after.applyReads(madeFrames(MAT, 1, 51, 60))).toMatchObject({ type: 'applied', stored: 10 });
    const seen = await readAll(after, MAT);
    expect(seen.map((it) => it.pos)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    await after.close();
  }, 120_000);

  it('has one owner; the second is told who it is', async () => {
    const dir = await freshDir();
    const replica = await open(dir);
    const second = await openAt(dir);
    expect(second).toMatchObject({ ok: false, error: { type: 'in-use' } });
    expect(!second.ok && second.error.message).toContain('in use by the test');
    await replica.close();
    await (await open(dir)).close();
  }, 120_000);

  it('says in one line that a directory cannot be written', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    expect(await openAt(join(file, 'data'))).toMatchObject({ ok: false, error: { type: 'unwritable' } });
  });

  it('answers SQL, and refuses what would change it', async () => {
    const replica = await open(await freshDir());
    await replica.applyReads(madeFrames(MAT, 1, 1, 5));
    const query = (sql: string, params?: readonly unknown[]) => replica.query(sql, params);
    expect(await query('SELECT count(*) AS n FROM reads WHERE seq > $1', [2])).toEqual({ ok: true, value: [{ n: 3 }] });
    for (const sql of ['DELETE FROM reads', 'DROP TABLE reads', 'SELEC 1', 'SELECT 1/0']) {
      expect(await query(sql)).toMatchObject({ ok: false, error: { type: 'sql-error' } });
    }
    expect(await query('SELECT held FROM progress')).toEqual({ ok: true, value: [{ held: 5 }] });
    await replica.close();
  }, 120_000);

  it('replaces setup and roster as a whole', async () => {
    const replica = await open(await freshDir());
    const chips = [{ chip: 'a\u0000b', participant_id: 'p1' }];
    const races = [{ race_id: 'r1', name: '10 km', start_at: null }];
    await replica.applySetup({ ...NO_SETUP, races: [...races, { race_id: 'r2', name: 'x', start_at: null }] });
    await replica.applySetup({ ...NO_SETUP, races, chips, epochNames: [{ stream_id: MAT, epoch: 1, name: 'heat 1' }] });
    expect(await replica.query('SELECT race_id, name FROM races')).toEqual({
      ok: true,
      value: [{ race_id: 'r1', name: '10 km' }],
    });
    expect(await replica.query('SELECT chip FROM chips')).toEqual({ ok: true, value: [{ chip: 'a\ufffdb' }] });
    expect(await replica.query('SELECT name FROM epochs')).toEqual({ ok: true, value: [{ name: 'heat 1' }] });
    await replica.close();
  }, 120_000);
});

/** Cuts every file of the database to nothing, as a lost disk cache might. */
const ruin = async (database: string, keep: (name: string) => boolean): Promise<void> => {
  for (const entry of await readdir(database, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !keep(entry.name)) await truncate(join(entry.parentPath, entry.name), 0);
  }
};

describe('[P13] a replica that cannot be used', () => {
  const filled = async (): Promise<string> => {
    const dir = await freshDir();
    const replica = await open(dir);
    await replica.applyReads(madeFrames(MAT, 1, 1, 3000));
    await replica.close();
    return dir;
  };

  const expectEmptyAndUsable = async (dir: string): Promise<void> => {
    const replica = await open(dir);
    expect([...(await replica.clock())]).toEqual([]);
    expect(await replica.applyReads(madeFrames(MAT, 1, 1, 10))).toMatchObject({ type: 'applied', stored: 10 });
    await replica.close();
  };

  it('is rebuilt when its files are empty', async () => {
    const dir = await filled();
    await ruin(join(dir, DATABASE_NAME), () => false);
    lines.length = 0;
    await expectEmptyAndUsable(dir);
    expect(lines.join('')).toContain('set aside and pulled again');
    expect(await readdir(dir)).toContain(`${DATABASE_NAME}.damaged`);
    await (await open(dir)).close();
    expect(await readdir(dir)).not.toContain(`${DATABASE_NAME}.damaged`);
  }, 120_000);

  it('has the same results again once it was pulled again', async () => {
    const dir = await freshDir();
    const setup = rowsOf(setupOf(ALL_TEN), rosterOf([runner('1'), runner('2')]));
    const reads = [readAt('2', 900), readAt('1', 901), readAt('9', 902)];
    const pulled = async (): Promise<readonly unknown[]> => {
      const replica = await open(dir);
      const current = new Promise<void>((resolve) => {
        replica.onChange(({ type }) => type === 'results' && resolve());
      });
      await replica.applySetup(setup);
      await replica.applyReads(framesOf({ streamId: FINISH, epoch: 1 }, 1, reads));
      await current;
      expect(await replica.resultsState()).toMatchObject({ pos: 3, endPos: 3, current: true });
      const sql = [
        'SELECT * FROM results ORDER BY rank',
        'SELECT * FROM read_fates ORDER BY fate',
        'SELECT chip FROM unknown_chips',
      ];
      const answers = await Promise.all(sql.map((it) => replica.query(it)));
      await replica.close();
      return answers.map((it) => (it.ok ? it.value : it.error));
    };
    const before = await pulled();
    expect(before).toMatchObject([
      [
        { bib: '2', rank: 1 },
        { bib: '1', rank: 2 },
      ],
      [{ fate: 'counted', reads: 2 }, { reads: 1 }],
      [{}],
    ]);
    await ruin(join(dir, DATABASE_NAME), (name) => name.length > 4);
    expect(await pulled()).toEqual(before);
  }, 120_000);

  it('is rebuilt when clock and roll-up disagree', async () => {
    const shared = await openShared();
    const database = await shared.fresh();
    await database.applyReads(madeFrames(MAT, 1, 1, 30));
    await shared.restart();
    await shared.db.exec('UPDATE chip_totals SET reads = reads + 1 WHERE first_seq = 7');
    await expect(shared.restart()).rejects.toThrow('disagree');
    await shared.close();
  }, 120_000);

  it('is rebuilt when its tables were lost', async () => {
    const dir = await filled();
    const tables = await readdir(join(dir, DATABASE_NAME, 'base'));
    for (const it of tables) await rm(join(dir, DATABASE_NAME, 'base', it), { recursive: true });
    await expectEmptyAndUsable(dir);
  }, 120_000);

  it('is rebuilt when a kill came before its first open was complete', async () => {
    const dir = await filled();
    await rm(join(dir, `${DATABASE_NAME}.sound`));
    await expectEmptyAndUsable(dir);
  }, 120_000);

  it('is rebuilt when another version made it', async () => {
    const dir = await filled();
    await cp(join(dir, DATABASE_NAME), join(dir, 'pglite-0.4.0-s1'), { recursive: true });
    await rm(join(dir, DATABASE_NAME), { recursive: true });
    await rm(join(dir, `${DATABASE_NAME}.sound`));
    await expectEmptyAndUsable(dir);
    expect((await readdir(dir)).filter((it) => it.startsWith('pglite-0.4'))).toEqual([]);
  }, 120_000);

  it('is given up when an open takes too long, and says so', async () => {
    const dir = await freshDir();
    const impatient = { openMs: 1, callMs: 1000 };
    const opened = await openPgliteReplica(
      { timers: realTimers, log },
      { dataDir: dir, owner: 'the test', limits: impatient },
    );
    expect(opened).toMatchObject({ ok: false, error: { type: 'unopenable' } });
    await expectEmptyAndUsable(dir);
  }, 120_000);

  it('comes back by itself when it is ruined while it is open', async () => {
    const dir = await filled();
    const replica = await open(dir);
    await rm(join(dir, DATABASE_NAME), { recursive: true });
    for (let next = 3001; ; next++) {
      const reply = await replica.applyReads(madeFrames(MAT, 1, next, next + 999));
      if (reply.type === 'lost' || reply.type === 'gap') break;
      next += 999;
    }
    while ((await replica.clock()).size > 0) await replica.applyReads([...madeFrames(MAT, 1, 1, 1)]);
    expect(await replica.applyReads(madeFrames(MAT, 1, 1, 20))).toMatchObject({ type: 'applied', stored: 20 });
    expect((await replica.readFrom({ type: 'stream', streamId: MAT }, 0, 100)).generation).toBeGreaterThan(1);
    await replica.close();
  }, 120_000);
});
