import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { ArchiveHead } from '@baton/schema/archive';
import type { EventId } from '@baton/schema/ids';
import type { RelayRecords } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';
import { StoreFailedError } from '../../storage/store-error.ts';

const SPOOLED = /^import-[0-9a-f-]{36}\.part$/;
/** The first line is short; of a hostile file no more is unpacked than this. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

const firstBytes = (path: string): Uint8Array => {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(FIRST_BYTES);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
};

const headOf = (path: string): ArchiveHead | null => {
  try {
    const first = firstBytes(path);
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES };
    const text = gunzipSync(first, options).toString('utf8');
    return ArchiveHead.parse(JSON.parse(text.slice(0, text.indexOf('\n'))));
  } catch {
    return null; // not an archive, or nothing of it had come: nothing of it was taken
  }
};

/** Events whose import was cut by a crash: the file that it was taken from still lies beside the data. */
export const unfinishedImports = (dataDir: string): readonly EventId[] =>
  readdirSync(dataDir)
    .filter((name) => SPOOLED.test(name))
    .flatMap((name) => {
      const head = headOf(join(dataDir, name));
      return head?.kind === 'event' ? head.eventId : [];
    });

/**
 * The records at start. An import stores an event's record last: of an event whose import was cut and that is not there, everything
 * else goes. Nobody has ever seen it. What belongs to any other event that is not there stays: that would be damage, for the doctor.
 */
export const loadWithoutUnfinished = async (
  store: Pick<Store, 'load' | 'commit'>,
  unfinished: readonly EventId[],
): Promise<RelayRecords> => {
  const records = await store.load();
  if (unfinished.length === 0) return records;
  const known = new Set(records.events.map(({ eventId }) => eventId));
  const cut = unfinished.filter((eventId) => !known.has(eventId));
  if (cut.length === 0) return records;
  const reply = await store.commit(cut.map((eventId) => ({ type: 'deleteEvent', eventId })));
  if (reply.type !== 'committed') {
    const why = 'message' in reply ? reply.message : reply.reason;
    throw new StoreFailedError(`what a cut import left could not be removed: ${why}`);
  }
  return store.load();
};
