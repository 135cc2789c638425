import { open, rm } from 'node:fs/promises';
import { type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';

/** Largest packed archive that is taken: some two thousand million reads. */
export const MAX_ARCHIVE_BYTES = 8 * 1024 ** 3;

/** What was taken of a file could not be deleted again: the file stays, so that the next start knows what to delete. */
export class NotUndoneError extends Error {}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const refusalOfWrite = (error: unknown): Refusal | null => {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refusal('STORAGE_FULL', 'the archive does not fit beside the data: free as much space as it takes');
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR')
    return refusal('BAD_REQUEST', 'the archive broke off on its way; send it again', {
      fields: { '(body)': 'expected the whole archive' },
    });
  return null;
};

const writeAll = async (bytes: AsyncIterable<Uint8Array>, path: string): Promise<Result<void, Refusal>> => {
  const file = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    for await (const part of bytes) {
      size += part.length;
      if (size > MAX_ARCHIVE_BYTES)
        return err(
          refusal('PAYLOAD_TOO_LARGE', `an archive has at most ${MAX_ARCHIVE_BYTES} bytes`, {
            limit: MAX_ARCHIVE_BYTES,
          }),
        );
      await file.writeFile(part);
    }
    await file.sync(); // a cut import is known by it at the next start
    return ok(undefined);
  } finally {
    await file.close();
  }
};

/**
 * Lets `use` have what comes as a file, which is gone afterwards unless `use` throws `NotUndoneError`. An archive is known to be sound only
 * at its end: it waits here until then, and nothing of it is taken before.
 */
export const withSpooled = async <T>(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  use: (path: string) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> => {
  let mayGo = true;
  try {
    const written = await writeAll(bytes, path);
    return written.ok ? await use(path) : written;
  } catch (error) {
    mayGo = !(error instanceof NotUndoneError);
    const refused = refusalOfWrite(error);
    if (refused === null) throw error;
    return err(refused);
  } finally {
    if (mayGo) await rm(path, { force: true });
  }
};
