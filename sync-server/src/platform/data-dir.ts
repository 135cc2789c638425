import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure } from '@baton/schema/command';

const ADMIN_TOKEN_FILE = 'admin-token';

const causeOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Makes the data directory when it is missing, and says clearly when it cannot be written. */
export const prepareDataDir = async (dataDir: string): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CommandFailure(`--data-dir ${dataDir}: expected a directory that can be written: ${causeOf(error)}`);
  }
};

export interface AdminToken {
  readonly secret: string;
  /** Made just now: to be shown once. */
  readonly fresh: boolean;
}

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The admin token kept in the data directory; made (mode 0600) at first start. */
export const keptAdminToken = async (dataDir: string): Promise<AdminToken> => {
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new CommandFailure(`${path}: cannot be read: ${error.message}`);
  });
  if (kept !== null && kept.trim() !== '') return { secret: kept.trim(), fresh: false };
  const secret = randomBytes(32).toString('base64url');
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dataDir);
  return { secret, fresh: true };
};
