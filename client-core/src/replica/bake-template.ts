import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PUT_META } from '@baton/schema/sql';
import { PGlite } from '@electric-sql/pglite';
import { openPgliteDatabase } from './pglite-database.ts';
import { PACKED_TEMPLATE, TEMPLATE, TEMPLATES } from './template.ts';
import { TEMPLATE_KEY } from './template-key.ts';

/**
 * Postgres keeps two databases to make others from: a replica makes none, and a third of the files are copied. The write-ahead log
 * of the making goes with its segment.
 */
const SLIM = [
  'UPDATE pg_database SET datistemplate = false',
  'DROP DATABASE template0',
  'DROP DATABASE template1',
  'VACUUM FREEZE',
  'SET wal_recycle = off',
  'SELECT pg_switch_wal()',
  'CHECKPOINT',
];

/** A step of the build: makes the template of this version, as files and packed for browsers, and removes those of others. */
const bake = async (): Promise<void> => {
  const made = `${TEMPLATE}.new`;
  for (const name of await readdir(TEMPLATES)) await rm(join(TEMPLATES, name), { recursive: true });
  const db = await PGlite.create({ dataDir: made });
  await openPgliteDatabase(db);
  await db.query(PUT_META, [TEMPLATE_KEY, '1']);
  for (const statement of SLIM) await db.exec(statement);
  const packed = await db.dumpDataDir('gzip');
  await writeFile(PACKED_TEMPLATE, new Uint8Array(await packed.arrayBuffer()));
  await db.close();
  await rename(made, TEMPLATE);
};

await mkdir(TEMPLATES, { recursive: true });
const isThere = await Promise.all([stat(TEMPLATE), stat(PACKED_TEMPLATE)]).then(
  () => true,
  () => false, // absent: the build was not run before, or for another version
);
if (!isThere) await bake();
