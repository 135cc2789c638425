import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure, type CommandIo, type OptionValues } from '@baton/schema/command';
import type { BackupManifest } from '@baton/schema/http';
import { isAbsent, replaceFile, syncDirectory } from '../platform/node/replace-file.ts';
import { systemClock } from '../platform/node/runtime.ts';
import { orFail, relayApi } from './relay-access.ts';

const FILE = 'relay.db';
const MANIFEST = 'manifest.json';

const entriesOf = async (directory: string): Promise<readonly string[]> => {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw new CommandFailure(`${directory}: expected a directory that this user may read and write: ${textOf(error)}`);
  }
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Before the relay is asked: it makes a whole copy for whoever asks. */
const prepare = async (directory: string): Promise<void> => {
  if ((await entriesOf(directory)).length > 0) {
    throw new CommandFailure(`${directory}: expected an empty directory, so that nothing is mixed; name a new one`);
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CommandFailure(
      `${directory}: cannot be made (${textOf(error)}): give this user write access, or name another directory`,
    );
  }
};

/** What the relay tells; a refusal leaves no empty directory behind that looks like a backup. */
const askFor = async (options: OptionValues, directory: string): Promise<ReadableStream<Uint8Array>> => {
  const bytes = await relayApi(options).stream('/backup');
  if (!bytes.ok) await rmdir(directory).catch(() => {}); // it may not be ours to remove
  return orFail(bytes);
};

/** Writes what comes and syncs it; gives its size and hash. */
const writeAll = async (
  bytes: ReadableStream<Uint8Array>,
  path: string,
): Promise<Pick<BackupManifest, 'bytes' | 'sha256'>> => {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let size = 0;
  try {
    const reader = bytes.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      await file.writeFile(part.value);
      hash.update(part.value);
      size += part.value.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes: size, sha256: hash.digest('hex') };
};

/** The manifest comes last: a directory that has one holds a whole backup. */
export const runBackup = async (options: OptionValues, directory: string, io: CommandIo): Promise<void> => {
  await prepare(directory);
  const bytes = await askFor(options, directory);
  const part = join(directory, `${FILE}.part`);
  try {
    const written = await writeAll(bytes, part);
    if (written.bytes === 0) throw new Error('nothing came; try again');
    await rename(part, join(directory, FILE));
    await syncDirectory(directory);
    const manifest: BackupManifest = { format: 1, file: FILE, ...written, madeAt: systemClock.now() };
    await replaceFile(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    io.out(`backup ${directory} ${written.bytes} bytes`);
  } catch (error) {
    await rm(part, { force: true });
    throw new CommandFailure(`the backup was cut and is not complete: ${textOf(error)}`);
  }
};
