import { err, ok, type Result } from '../result.ts';
import { type ArchiveEntry, type ArchiveSum, createArchiveCheck } from './check.ts';
import { type ArchiveDefect, damaged, type Hashing } from './defect.ts';
import { createLineCutter } from './lines.ts';

/** What an archive may come to when it is unpacked: a small file of a hostile hand may promise more than any disk has. */
const MAX_UNPACKED_BYTES = 64 * 1024 ** 3;

type Take<E> = (entry: ArchiveEntry) => Promise<Result<void, E>> | Result<void, E>;

/** What a gzip stream says when it cannot go on; null for an error of another kind. */
const defectOf = (error: unknown, hasBegun: boolean): ArchiveDefect | null => {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) return null;
  if (!hasBegun && /header|compression method/u.test(error.message))
    return { type: 'foreign', message: 'expected an archive of Baton; the file is no gzip file' };
  return { type: 'damaged', message: 'the packed bytes are cut or changed' };
};

/**
 * Follows an unpacked archive to its end, a line at a time; each line that is sound is given to `take`, whose failure ends it. Sound as
 * a whole is only what this gives at the end: whoever must not take half of it reads it twice. Throws what the source throws, unless
 * that is gzip's word on the bytes.
 */
export const readArchive = async <E = never>(
  unpacked: AsyncIterable<Uint8Array>,
  createHashing: () => Hashing,
  take: Take<E>,
): Promise<Result<ArchiveSum, ArchiveDefect | E>> => {
  const check = createArchiveCheck(createHashing);
  const cutter = createLineCutter();
  let bytes = 0;
  try {
    for await (const part of unpacked) {
      bytes += part.length;
      if (bytes > MAX_UNPACKED_BYTES) return damaged(`it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
      const lines = cutter.take(part);
      if (!lines.ok) return lines;
      for (const line of lines.value) {
        const entry = check.take(line);
        if (!entry.ok) return entry;
        const taken = await take(entry.value);
        if (!taken.ok) return taken;
      }
    }
  } catch (error) {
    const defect = defectOf(error, bytes > 0);
    if (defect === null) throw error;
    return err(defect);
  }
  return cutter.left() > 0 ? damaged('something follows the last line') : check.end();
};

/** Reads an archive for its soundness alone. */
export const checkArchive = (
  unpacked: AsyncIterable<Uint8Array>,
  createHashing: () => Hashing,
): Promise<Result<ArchiveSum, ArchiveDefect>> => readArchive(unpacked, createHashing, () => ok(undefined));
