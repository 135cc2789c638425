import { createHash } from 'node:crypto';
import { cp, rm, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pendingMigrations } from '@baton/schema/sql';
import { DATABASE_NAME } from './database-directory.ts';

/**
 * A new database on files begins as a copy of one that the build made: Postgres' own beginning takes eight times as long. The name
 * carries the versions and the tables' SQL, so one that does not fit is not found; then the database begins as ever.
 */
const builtFor = (): string => {
  const sql = createHash('sha256');
  for (const migration of pendingMigrations(0)) sql.update(migration.sql);
  return `${DATABASE_NAME}-${sql.digest('hex').slice(0, 12)}`;
};

/** Beside what was built, also for a test that runs from source. */
const FOLDER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/replica/templates/', import.meta.url)
  : new URL('./templates/', import.meta.url);

export const TEMPLATES = fileURLToPath(FOLDER);
export const TEMPLATE = fileURLToPath(new URL(builtFor(), FOLDER));
/** The same for browsers; bundlers find it by this name (`browser/packed-template.ts`), and give it one by its content. */
export const PACKED_TEMPLATE = fileURLToPath(new URL('packed-template.tar.gz', FOLDER));

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false, // whoever opens it next says what is wrong
  );

/** False: there is something already, or no template, or it could not be copied; nothing is left of it then. */
export const copyTemplate = async (directory: string): Promise<boolean> => {
  if ((await exists(directory)) || !(await exists(TEMPLATE))) return false;
  try {
    await cp(TEMPLATE, directory, { recursive: true });
    return true;
  } catch {
    await rm(directory, { recursive: true, force: true }); // what is wrong with the disk, the open that follows tells
    return false;
  }
};
