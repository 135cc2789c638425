import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupManifest } from '@baton/schema/http';
import { err, ok, type Result } from '@baton/schema/result';
import { z } from 'zod';
import { DATABASE_FILE } from '../storage/sqlite/database.ts';

export interface NotRestored {
  readonly type: 'not-restored';
  /** One line: what is wrong and what would be right. */
  readonly message: string;
}

const not = (message: string): Result<never, NotRestored> => err({ type: 'not-restored', message });

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const NewerManifest = z.object({ format: z.int().min(2) });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const readManifest = async (directory: string): Promise<Result<BackupManifest, NotRestored>> => {
  let text: string;
  try {
    text = await readFile(join(directory, 'manifest.json'), 'utf8');
  } catch (error) {
    return not(
      `${directory}: expected the directory of a whole backup; its manifest.json, which is written last, cannot be read (${textOf(error)})`,
    );
  }
  const json = jsonOf(text);
  const manifest = BackupManifest.safeParse(json);
  if (manifest.success) return ok(manifest.data);
  const newer = NewerManifest.safeParse(json);
  return newer.success
    ? not(
        `${directory}: the backup has format ${newer.data.format}, this Baton knows 1: use the version that made it or a newer one`,
      )
    : not(`${directory}: its manifest.json is damaged, or of another program; take another backup`);
};

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
};

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isEmpty = async (directory: string): Promise<boolean> => {
  try {
    return (await readdir(directory)).length === 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
    throw error;
  }
};

/** Puts the copy in its place only once it is whole and on disk. */
const copyWhole = async (
  from: string,
  { target, part }: { readonly target: string; readonly part: string },
  sha256: string,
): Promise<Result<void, NotRestored>> => {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copyFile(from, part);
  if ((await hashOf(part)) !== sha256)
    return not(`${from}: its bytes are not those of the manifest; take another backup`);
  await sync(part);
  await rename(part, join(target, DATABASE_FILE));
  await sync(target);
  return ok(undefined);
};

/** Makes a data directory out of a backup. One that is killed leaves a `.part` file behind and nothing that a relay would open. */
export const restoreBackup = async (
  directory: string,
  target: string,
): Promise<Result<BackupManifest, NotRestored>> => {
  const manifest = await readManifest(directory);
  if (!manifest.ok) return manifest;
  const part = join(target, `${DATABASE_FILE}.part`);
  try {
    if (!(await isEmpty(target)))
      return not(`${target}: expected an empty directory, so that nothing is overwritten; name a new one`);
    const from = join(directory, manifest.value.file);
    const copied = await copyWhole(from, { target, part }, manifest.value.sha256).finally(() =>
      rm(part, { force: true }),
    );
    return copied.ok ? manifest : copied;
  } catch (error) {
    return not(
      `the backup ${directory} could not be copied to ${target} (${textOf(error)}): both must be there and writable for this user, with room for ${manifest.value.bytes} bytes`,
    );
  }
};
