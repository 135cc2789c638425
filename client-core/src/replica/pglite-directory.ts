import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DATABASE_NAME, type DatabaseDirectory } from './database-directory.ts';

/** A fresh database takes 40 MB, a write-ahead log segment 16. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false, // absent, or unreadable, which the open that follows reports
  );

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/**
 * Where a replica's database lies under its data directory:
 *
 * ```text
 * pglite-<version>-s<schema>/          the database
 * pglite-<version>-s<schema>.sound     made after the first complete open: without it, a kill came during initdb
 * pglite-<version>-s<schema>.damaged/  the last one that had to be given up, until the next start
 * ```
 */
export const databaseDirectory = (dataDir: string, name: string = DATABASE_NAME): DatabaseDirectory => {
  const path = join(dataDir, name);
  const [mark, aside] = [`${path}.sound`, `${path}.damaged`];
  return {
    path,
    tidy: async () => {
      await mkdir(dataDir, { recursive: true });
      const sound = await exists(mark);
      const stale = (await readdir(dataDir)).filter(
        (it) => it.startsWith('pglite-') && it !== `${name}.sound` && !(it === name && sound),
      );
      for (const it of stale) await remove(join(dataDir, it));
      return stale;
    },
    isSound: () => exists(mark),
    markSound: () => writeFile(mark, ''),
    setAside: async () => {
      await remove(mark);
      await remove(aside);
      if (await exists(path)) await rename(path, aside);
    },
    isFull: async () => {
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize < MIN_FREE_BYTES;
    },
    dropSetAside: () => remove(aside),
  };
};
