import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** When the last backup was made, kept beside the data: a backup that was fetched lies wherever its fetcher put it. */
const FILE = 'last-backup.json';

const BackupRecord = z.object({ madeAt: z.int().min(0) });

/** Null: none was made, or nobody can tell. */
export const readBackupRecord = async (dataDir: string): Promise<number | null> => {
  try {
    return BackupRecord.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8'))).madeAt;
  } catch {
    return null; // an alarm too many is better than one too few
  }
};

/** Whole or as before, whatever happens meanwhile. */
export const writeBackupRecord = async (dataDir: string, madeAt: number): Promise<void> => {
  const path = join(dataDir, FILE);
  const part = await open(`${path}.part`, 'w', 0o600);
  try {
    await part.writeFile(`${JSON.stringify({ madeAt })}\n`);
    await part.sync();
  } finally {
    await part.close();
  }
  await rename(`${path}.part`, path);
};
