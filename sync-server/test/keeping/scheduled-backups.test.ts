import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { EVENT_A, eventRecord } from '@baton/testkit/store-fixtures';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createBackupAge } from '../../src/keeping/backup-age.ts';
import { examine } from '../../src/keeping/doctor/examine.ts';
import { restoreBackup } from '../../src/keeping/restore.ts';
import { scheduleBackups } from '../../src/keeping/scheduled-backups.ts';
import { openSqliteCore } from '../../src/storage/sqlite/sqlite-core.ts';

const root = mkdtempSync(join(tmpdir(), 'baton-scheduled-'));
const core = openSqliteCore({ dataDir: join(root, 'data'), lockWaitMs: 0, maxBytes: null });
core.write([{ type: 'commit', changes: [{ type: 'putEvent', event: eventRecord(EVENT_A) }] }]);
let made = 0;

afterAll(() => {
  core.close();
  rmSync(root, { recursive: true });
});

const HOUR = 3_600_000;
const LONG = { timeout: 60_000 };

const stage = (directory = join(root, `backups-${++made}`)) => {
  const time = createVirtualTime();
  const age = createBackupAge(time);
  const errors: string[] = [];
  const journal: Log = { ...silentLog, error: (message) => void errors.push(message) };
  const begin = (make: (path: string) => Promise<void> = core.backup) =>
    scheduleBackups({ directory, everyMs: 6 * HOUR, keep: 2 }, { ...time, journal, age, make });
  const names = (): readonly string[] => {
    try {
      return readdirSync(directory).sort();
    } catch {
      return [];
    }
  };
  return { time, age, errors, begin, names, directory };
};

/** Lets the schedule, which works on the real disk, come to its next wait; gives how long that is. */
const untilPlanned = async ({ time }: ReturnType<typeof stage>): Promise<number> => {
  await vi.waitFor(() => expect(time.pending()).toBe(1), LONG);
  return time.untilNext() ?? 0;
};

/** Lets the next one be made, or fail. */
const next = async (it: ReturnType<typeof stage>): Promise<void> => {
  it.time.advance(await untilPlanned(it));
  await untilPlanned(it);
};

describe('backups by schedule', () => {
  it('are made at once where there is none, then each so many hours; so many stay, and each can be restored', async () => {
    const it = stage();
    mkdirSync(it.directory);
    writeFileSync(join(it.directory, 'somebody’s'), '');
    mkdirSync(join(it.directory, 'baton-2020-01-01T00-00-00-000Z.part'));
    expect(it.age.seconds()).toBe(null);
    const backups = it.begin();
    expect(await untilPlanned(it)).toBe(0);
    for (let count = 0; count < 4; count++) await next(it);
    expect(await untilPlanned(it)).toBe(6 * HOUR);
    expect(it.names()).toEqual(['baton-2026-03-07T21-00-00-000Z', 'baton-2026-03-08T03-00-00-000Z', 'somebody’s']);
    it.time.jumpClock(-24 * HOUR);
    it.time.advance(HOUR);
    expect(it.age.seconds()).toBe(HOUR / 1000);
    await backups.stop();
    const target = join(root, `restored-${++made}`);
    expect(await restoreBackup(join(it.directory, it.names()[0] ?? ''), target)).toMatchObject({ ok: true });
    expect(examine(target)).toMatchObject({ ok: true, value: { findings: [], counts: { events: 1 } } });
    expect(it.errors).toEqual([]);
  });

  it('are counted from the newest that is whole, also after a start', async () => {
    const before = stage();
    const first = before.begin();
    await next(before);
    await first.stop();
    mkdirSync(join(before.directory, 'baton-2999-01-01T00-00-00-000Z')); // without a manifest: none
    const after = stage(before.directory);
    after.time.advance(2 * HOUR);
    const again = after.begin();
    expect(await untilPlanned(after)).toBe(4 * HOUR);
    expect(after.age.seconds()).toBe((2 * HOUR) / 1000);
    await next(after);
    expect(after.age.seconds()).toBe(0);
    await again.stop();
  });

  it('that fail leave nothing that looks whole, are told, and tried again', async () => {
    const it = stage();
    let fails = true;
    const backups = it.begin(async (path) => {
      if (fails) throw new Error('no space');
      await core.backup(path);
    });
    await next(it);
    expect(it.errors).toEqual(['a backup could not be made; it is tried again']);
    expect(it.names().filter((name) => !name.endsWith('.part'))).toEqual([]);
    expect(it.age.seconds()).toBe(null);
    fails = false;
    expect(await untilPlanned(it)).toBe(HOUR / 6);
    await next(it);
    expect([it.age.seconds(), it.names()]).toEqual([0, ['baton-2026-03-07T09-10-00-000Z']]);
    await backups.stop();
  });
});
