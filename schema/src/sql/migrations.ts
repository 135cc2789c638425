import type { Migration } from './migration.ts';
import { replica } from './migrations/0001-replica.ts';
import { clockOffsets } from './migrations/0002-clock-offsets.ts';

/** In order. A changed shape is a new entry at the end. */
export const MIGRATIONS: readonly Migration[] = [replica, clockOffsets];

/** Version of a replica on which every migration has run; part of the database's name. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Row of `meta` with the version that the database has. */
export const VERSION_KEY = 'schema_version';

/** What must still run on a database of this version (0: empty), in order. */
export const pendingMigrations = (version: number): readonly Migration[] =>
  MIGRATIONS.filter((migration) => migration.version > version);
