import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PUT_META } from '@baton/schema/sql';
import { PGlite } from '@electric-sql/pglite';
import { openPgliteDatabase } from './pglite-database.ts';
import { TEMPLATE, TEMPLATES } from './template.ts';
import { TEMPLATE_KEY } from './template-key.ts';

/** A step of the build: makes the template of this version, and removes those of others. */
const bake = async (): Promise<void> => {
  const made = `${TEMPLATE}.new`;
  for (const name of await readdir(TEMPLATES)) await rm(join(TEMPLATES, name), { recursive: true });
  const db = await PGlite.create({ dataDir: made });
  await openPgliteDatabase(db);
  await db.query(PUT_META, [TEMPLATE_KEY, '1']);
  await db.exec('VACUUM FREEZE');
  await db.close();
  await rename(made, TEMPLATE);
};

await mkdir(TEMPLATES, { recursive: true });
const isThere = await stat(TEMPLATE).then(
  () => true,
  () => false, // absent: the build was not run before, or for another version
);
if (!isThere) await bake();
