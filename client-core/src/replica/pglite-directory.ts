import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SCHEMA_VERSION } from '@baton/schema/sql';

/** The installed PGlite; a database of another version is not opened (its issue 874), it is built anew. */
export const PGLITE_VERSION = '0.5.16';

/** A fresh database takes 40 MB, a write-ahead log segment 16. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/** Directory name of a database: PGlite's version and the tables' version. */
export const DATABASE_NAME = `pglite-${PGLITE_VERSION}-s${SCHEMA_VERSION}`;

/**
 * Where a replica's database lies under its data directory:
 *
 * ```text
 * pglite-<version>-s<schema>/          the database
 * pglite-<version>-s<schema>.sound     made after the first complete open: without it, a kill came during initdb
 * pglite-<version>-s<schema>.damaged/  the last one that had to be given up, until the next start
 * ```
 */
export interface DatabaseDirectory {
  readonly path: string;
  /** Removes what must not be opened: other versions, a half-made database, a damaged one kept so far. Says what it removed. */
  readonly tidy: () => Promise<readonly string[]>;
  /** The database is complete. */
  readonly markSound: () => Promise<void>;
  /** Moves the database out of the way, so that a fresh one can be made in its place. */
  readonly setAside: () => Promise<void>;
  /** Too little space is left for a database to work, or to be made anew. */
  readonly isFull: () => Promise<boolean>;
  /** Gives the space of a database set aside back. */
  readonly dropSetAside: () => Promise<void>;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false, // absent, or unreadable, which the open that follows reports
  );

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

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
