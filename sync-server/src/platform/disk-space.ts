import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskSpace } from '../watching/disk-watch.ts';

/** A file that goes while it is counted has no bytes. */
const sizeOf = async (path: string): Promise<number> => {
  try {
    const it = await stat(path);
    return it.isFile() ? it.size : 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
};

/** Bytes of the files that lie in `directory` itself, and of the disk under it. */
export const diskSpaceOf = async (directory: string): Promise<DiskSpace> => {
  const { bavail, blocks, bsize } = await statfs(directory);
  let dataBytes = 0;
  for (const name of await readdir(directory)) dataBytes += await sizeOf(join(directory, name));
  return { dataBytes, freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
};
