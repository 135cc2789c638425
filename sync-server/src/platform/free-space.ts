import { statfs } from 'node:fs/promises';

/** Free bytes for this user on the file system of a directory; null when it does not tell. */
export const freeBytesOf = async (directory: string): Promise<number | null> => {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null; // no such call on this file system: the disk's own end is then the limit
  }
};
