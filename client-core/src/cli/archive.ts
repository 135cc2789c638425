import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ArchiveSum, checkArchive, type Hashing } from '@baton/schema/archive';
import { CommandFailure, type CommandIo, flag, type OptionValues } from '@baton/schema/command';
import { ArchiveTaken, DroppedBody } from '@baton/schema/http';
import { postBytes } from '../http/relay-api.ts';
import { isAbsent, syncDirectory } from '../platform/node/replace-file.ts';
import { orFail, pathPart, relayAccess, relayApi } from './relay-access.ts';

const sha256 = (): Hashing => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const refuseExisting = async (file: string): Promise<void> => {
  try {
    await access(file);
  } catch (error) {
    if (isAbsent(error)) return;
    throw new CommandFailure(`${file}: ${textOf(error)}`);
  }
  throw new CommandFailure(`${file}: expected a file that is not there, so that nothing is overwritten; name another`);
};

/** Writes what comes and syncs it; gives the hash of the file. */
const writeAll = async (bytes: ReadableStream<Uint8Array>, path: string): Promise<string> => {
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    const reader = bytes.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      await file.writeFile(part.value);
      hash.update(part.value);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
};

/** What lies on disk is read again: only then is it said to be whole. */
const verify = async (path: string): Promise<ArchiveSum> => {
  const sum = await checkArchive(
    pipeline(createReadStream(path), createGunzip(), () => {}),
    sha256,
  );
  if (!sum.ok) throw new Error(sum.error.message);
  return sum.value;
};

interface Fetched extends ArchiveSum {
  readonly sha256: string;
}

/** Brings an archive to a file that has its name only once it is whole, checked and synced. */
const fetchArchive = async (options: OptionValues, path: string, file: string): Promise<Fetched> => {
  await refuseExisting(file);
  const bytes = orFail(await relayApi(options).stream(path));
  const part = `${file}.part`;
  try {
    const hash = await writeAll(bytes, part);
    const sum = await verify(part);
    await rename(part, file);
    await syncDirectory(dirname(file));
    return { ...sum, sha256: hash };
  } catch (error) {
    await rm(part, { force: true });
    throw new CommandFailure(`the archive was cut or could not be written: ${textOf(error)}`);
  }
};

const told = (word: string, file: string, { epochs, reads, sha256: hash }: Fetched): string =>
  `${word} ${file} ${epochs.length} epochs ${reads} reads sha256 ${hash}`;

/** Writes an event to a file. */
export const runEventExport = async (
  options: OptionValues,
  event: string,
  file: string,
  io: CommandIo,
): Promise<void> => {
  io.out(told('exported', file, await fetchArchive(options, `/events/${pathPart(event)}/archive`, file)));
};

/** Before it is sent: what fails on the way is told as the relay's. */
const refuseUnreadable = async (file: string): Promise<void> => {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new CommandFailure(`${file}: cannot be read: ${textOf(error)}`);
  });
  try {
    if (!(await handle.stat()).isFile())
      throw new CommandFailure(`${file}: expected a file that baton event export or baton archive wrote`);
  } finally {
    await handle.close();
  }
};

/** Sends a file to a relay, which checks all of it before it takes any. */
export const runEventImport = async (options: OptionValues, file: string, io: CommandIo): Promise<void> => {
  await refuseUnreadable(file);
  const taken = orFail(await postBytes(relayAccess(options), '/events/import', ArchiveTaken, createReadStream(file)));
  io.out(`imported ${taken.eventId} ${taken.kind} ${taken.epochs} epochs ${taken.reads} reads`);
};

/** Drops are asked for in lists of so many. */
const PART = 1000;

/** Moves reads of sealed epochs to a file: dropped are those whose hash is in the file that was checked. */
export const runArchive = async (options: OptionValues, event: string, file: string, io: CommandIo): Promise<void> => {
  const path = `/events/${pathPart(event)}/epochs`;
  const fetched = await fetchArchive(options, `${path}/archive`, file);
  io.out(told('archived', file, fetched));
  if (flag(options, 'keep')) return;
  const epochs = fetched.epochs.map(({ streamId, epoch, hash }) => ({ streamId, epoch, hash }));
  let reads = 0;
  for (let at = 0; at < epochs.length; at += PART) {
    const body = { epochs: epochs.slice(at, at + PART) };
    reads += orFail(await relayApi(options).call('POST', `${path}/drop`, DroppedBody, body)).reads;
  }
  io.out(`dropped ${reads} reads at the relay; baton event import ${file} brings them back`);
};
