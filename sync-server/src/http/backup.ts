import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { allowed } from '../auth/lookups.ts';
import { StoreFailedError } from '../storage/store-error.ts';
import type { HttpContext, HttpOptions } from './context.ts';
import { type Reply, type Route, refuse, refused, route } from './route.ts';

const PART = /^(?:backup|import)-[0-9a-f-]{36}\.part$/;

/** A relay that was killed while it told a backup or took an archive leaves the file behind. */
export const removeUnfinishedFiles = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) if (PART.test(name)) await rm(join(directory, name), { force: true });
};

interface Progress {
  /** All of it went out. */
  readonly told: () => void;
  /** Done, or given up. */
  readonly over: () => void;
}

/** The file's bytes; it is removed when they are told, or nobody listens any more. */
async function* told(path: string, on: Progress): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) yield chunk as Uint8Array;
    on.told();
  } finally {
    await rm(path, { force: true });
    on.over();
  }
}

const makeBackup = async (
  { directory, make }: NonNullable<HttpOptions['backup']>,
  name: string,
  on: Progress,
): Promise<Reply> => {
  const path = join(directory, name);
  try {
    await make(path);
    const { size } = await stat(path);
    const headers = {
      'Content-Type': 'application/vnd.sqlite3',
      'Content-Length': String(size),
      'Content-Disposition': 'attachment; filename="relay.db"',
      'Cache-Control': 'no-store',
    };
    return { type: 'stream', chunks: told(path, on), headers };
  } catch (error) {
    on.over();
    await rm(path, { force: true });
    if (!(error instanceof StoreFailedError)) throw error;
    return refuse('UNAVAILABLE', 'the copy could not be written beside the data; free as much space as they take');
  }
};

/** Everything as it is at one moment, while reads go on being taken: one file, an SQLite database. */
export const backupRoutes = ({ core, options, sight }: HttpContext): readonly Route[] => {
  const { backup } = options;
  if (backup === undefined) return [];
  let isRunning = false;
  return [
    route({
      method: 'get',
      path: '/api/v1/backup',
      action: 'relay.backup',
      run: ({ grant }): Promise<Reply> | Reply => {
        const may = allowed(grant, 'relay.backup', null);
        if (!may.ok) return refused(may.error);
        if (isRunning) return refuse('RATE_LIMITED', 'a backup is being made; one at a time');
        isRunning = true;
        const madeAt = core.clock.now();
        return makeBackup(backup, `backup-${core.ids.uuid()}.part`, {
          told: () => sight.backup.note(madeAt),
          over: () => {
            isRunning = false;
          },
        });
      },
    }),
  ];
};
