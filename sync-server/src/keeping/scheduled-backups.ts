import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupManifest } from '@baton/schema/http';
import type { Clock, Log, Timer, Timers } from '@baton/schema/ports';
import type { BackupConfig } from '../config/backup.ts';
import { DATABASE_FILE } from '../storage/sqlite/database.ts';
import type { BackupAge } from './backup-age.ts';

export interface ScheduledBackupsDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: Log;
  readonly age: BackupAge;
  /** Copies everything into a new file. */
  readonly make: (path: string) => Promise<void>;
}

export interface ScheduledBackups {
  /** No more; resolves when one that runs has ended. */
  readonly stop: () => Promise<void>;
}

/** Names sort as their times do; nothing else in the directory is ever touched. */
const NAME = /^baton-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z$/;
const PART = /^baton-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z\.part$/;
/** After one that failed, the next is tried so much later, or at its time when that is sooner. */
const RETRY_MS = 600_000;

const nameAt = (at: number): string => `baton-${new Date(at).toISOString().replaceAll(':', '-').replace('.', '-')}`;

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const hashOf = async (path: string): Promise<Pick<BackupManifest, 'bytes' | 'sha256'>> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(part as Uint8Array);
    bytes += (part as Uint8Array).length;
  }
  return { bytes, sha256: hash.digest('hex') };
};

const namesIn = async (directory: string, pattern: RegExp): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => pattern.test(name)).sort();

const manifestOf = async (directory: string): Promise<BackupManifest | null> => {
  try {
    return BackupManifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
  } catch {
    return null; // not whole: it does not count as a backup
  }
};

/** When the newest whole backup in the directory was made. */
const newestAt = async (directory: string): Promise<number | null> => {
  for (const name of (await namesIn(directory, NAME)).toReversed()) {
    const manifest = await manifestOf(join(directory, name));
    if (manifest !== null) return manifest.madeAt;
  }
  return null;
};

const prune = async (directory: string, keep: number): Promise<void> => {
  const names = await namesIn(directory, NAME);
  for (const name of names.slice(0, Math.max(0, names.length - keep)))
    await rm(join(directory, name), { recursive: true, force: true });
};

/** A backup as `baton backup` makes it: under its name only once it is whole and synced. */
const makeOne = async ({ clock, make }: ScheduledBackupsDeps, directory: string): Promise<BackupManifest> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const left of await namesIn(directory, PART)) await rm(join(directory, left), { recursive: true, force: true });
  const madeAt = clock.now();
  const target = join(directory, nameAt(madeAt));
  const part = `${target}.part`;
  await mkdir(part, { mode: 0o700 });
  const file = join(part, DATABASE_FILE);
  await make(file);
  await sync(file);
  const manifest: BackupManifest = { format: 1, file: DATABASE_FILE, ...(await hashOf(file)), madeAt };
  const told = await open(join(part, 'manifest.json'), 'wx', 0o600);
  try {
    await told.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await told.sync();
  } finally {
    await told.close();
  }
  await sync(part);
  await rename(part, target);
  await sync(directory);
  return manifest;
};

/**
 * Makes a backup each so many hours, counted from the newest that is there: a relay that is started each morning makes one when it is
 * due, not at each start. One that fails is told in the log, seen in the age of the last, and tried again.
 */
export const scheduleBackups = (
  { directory, everyMs, keep }: BackupConfig,
  deps: ScheduledBackupsDeps,
): ScheduledBackups => {
  const { clock, timers, journal, age } = deps;
  let timer: Timer | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  const plan = (ms: number): void => {
    if (stopped) return;
    timer = timers.after(ms, () => {
      running = run();
    });
  };

  const run = async (): Promise<void> => {
    try {
      const { bytes, madeAt } = await makeOne(deps, directory);
      age.note(madeAt);
      journal.info('backup made', { directory, bytes });
      await prune(directory, keep);
      plan(everyMs);
    } catch (error) {
      journal.error('a backup could not be made; it is tried again', { directory, cause: String(error) });
      plan(Math.min(everyMs, RETRY_MS));
    }
  };

  const start = async (): Promise<void> => {
    let last: number | null = null;
    try {
      last = await newestAt(directory);
    } catch (error) {
      journal.info('no earlier backups', { directory, cause: String(error) });
    }
    if (last !== null) age.note(last);
    // a wall clock that was set back must not put it off for ever
    plan(last === null ? 0 : Math.min(everyMs, Math.max(0, last + everyMs - clock.now())));
  };

  running = start();
  return {
    stop: async () => {
      stopped = true;
      timer?.clear();
      await running;
    },
  };
};
