import { parentPort, workerData } from 'node:worker_threads';
import type { ArchiveDefect, ArchiveEntry, ArchiveSum } from '@baton/schema/archive';
import { readArchive } from '@baton/schema/archive';
import { ok, type Result } from '@baton/schema/result';
import { goBehindStarter } from '../../platform/main-thread.ts';
import type { ArchiveTask, FromArchive } from './archive-messages.ts';
import { createContentsCheck } from './contents-check.ts';
import { sha256, unpackFile } from './packing.ts';

/** The thread in which archives are unpacked, read and checked: their lines may have many megabytes. */
if (parentPort === null) throw new Error('archives are read in a worker thread; readArchiveApart starts it');
const port = parentPort;
const { path, mode } = workerData as ArchiveTask;
goBehindStarter();

/** Entries told at once, and their bytes: a message is a moment's work for whoever takes it. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 256 * 1024;

const bytesOf = (entry: ArchiveEntry): Uint8Array | null => {
  if ('reads' in entry) return entry.reads.batch;
  if ('doc' in entry) return entry.doc.update;
  return 'fact' in entry ? entry.fact.bytes : null;
};

const tell = (message: FromArchive, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const asked = (): Promise<void> => new Promise((resolve) => port.once('message', () => resolve()));

const readAll = async (): Promise<Result<ArchiveSum, ArchiveDefect>> => {
  let entries: ArchiveEntry[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const buffers = entries.flatMap((entry) => {
      const buffer = bytesOf(entry)?.buffer;
      return buffer instanceof ArrayBuffer ? [buffer] : [];
    });
    tell({ type: 'entries', entries }, buffers);
    entries = [];
    bytes = 0;
    await asked();
  };
  const read = await readArchive(unpackFile(path), sha256, async (entry) => {
    entries.push(entry);
    bytes += bytesOf(entry)?.length ?? 0;
    if (entries.length >= MAX_ENTRIES || bytes >= MAX_BYTES) await flush();
    return ok(undefined);
  });
  if (entries.length > 0) await flush();
  return read;
};

const checkAll = async (): Promise<Result<ArchiveSum, ArchiveDefect>> => {
  const contents = createContentsCheck();
  const read = await readArchive(unpackFile(path), sha256, contents.take);
  if (!read.ok) return read;
  const ended = contents.end();
  return ended.ok ? read : ended;
};

tell({ type: 'ended', result: mode === 'check' ? await checkAll() : await readAll() });
port.close();
