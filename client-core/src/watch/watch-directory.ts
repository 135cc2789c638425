import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EventId } from '@baton/schema/ids';
import type { Log } from '@baton/schema/ports';
import { z } from 'zod';
import type { WatchedEvent } from '../live/managers/course.ts';
import { createKeptFile, type KeptFile } from '../receiver/kept-file.ts';

/** Checkpoints and dead letters. */
export const storePath = (dataDir: string): string => join(dataDir, 'live.sqlite');

/** Requests to the process that runs in the directory; see `retry-box.ts`. */
export const retriesPath = (dataDir: string): string => join(dataDir, 'retries');

/** Whether a watch has ever run there. */
export const isWatchDirectory = (dataDir: string): boolean => existsSync(storePath(dataDir));

const Kept = z.object({ eventId: EventId, timezone: z.string(), date: z.string() });

/** The event whose reads a directory's checkpoints speak of. */
export const watchedEventFile = (dataDir: string, log: Log): KeptFile<WatchedEvent> =>
  createKeptFile(join(dataDir, 'event.json'), Kept, log);
