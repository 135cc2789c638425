import { type PGliteInterface, type PGliteOptions, types } from '@electric-sql/pglite';
import { bytesFromText } from './bytea-text.ts';
import type { Call, WorkerMessage } from './pglite-calls.ts';
import { openPgliteDatabase, type PgliteDatabase } from './pglite-database.ts';
import { describeOutOfSpace, isCorruption, isOutOfSpace } from './sql-errors.ts';
import type { ServedPort } from './worker-port.ts';

/**
 * How every PGlite of a replica is opened. Small buffers (the file system caches; 0.2 GB less memory, same speed), and a bounded
 * write-ahead log, which is what a start after a kill has to replay. A page by an index costs little more than the next
 * one: with Postgres' guess of four times as much, one more read of a chip walked all of its roll-up.
 */
export const PGLITE_OPTIONS = {
  postgresqlconf: ['shared_buffers = 16MB', 'max_wal_size = 128MB', 'random_page_cost = 1.1'],
  parsers: { [types.BYTEA]: bytesFromText },
} satisfies PGliteOptions;

/** Emscripten throws plain objects for failed system calls. */
const describe = (error: unknown): string => {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return typeof error === 'object' ? JSON.stringify(error) : String(error);
};

/** Thrown by an opener while another still has the files open. */
export class FilesInUse extends Error {
  override readonly name = 'FilesInUse';
}

const failure = (id: number | null, error: unknown): WorkerMessage => ({
  type: 'failed',
  id,
  damaged: isCorruption(error),
  busy: error instanceof FilesInUse,
  message: describe(error),
});

const perform = (database: PgliteDatabase, call: Call): Promise<unknown> => {
  switch (call.method) {
    case 'clock':
      return database.clock();
    case 'applyReads':
      return database.applyReads(...call.args);
    case 'query':
      return database.query(...call.args);
    case 'select':
      return database.select(...call.args);
    case 'progress':
      return database.progress();
    case 'dropEpoch':
      return database.dropEpoch(...call.args);
    case 'resultsState':
      return database.resultsState();
    case 'missing':
      return database.missing();
    case 'project':
      return database.project();
    case 'prepare':
      return database.prepare();
    case 'verify':
      return database.verify();
    case 'tidy':
      return database.tidy();
    case 'end':
      return database.end();
    case 'readFrom':
      return database.readFrom(...call.args);
    case 'targets':
      return database.targets();
    case 'applyTargets':
      return database.applyTargets(...call.args);
    case 'applySetup':
      return database.applySetup(...call.args);
    case 'close':
      return database.close();
  }
};

/** What runs inside the thread or worker: opens the database, says so, then answers its calls one after the other. */
export const servePglite = async (port: ServedPort, openPglite: () => Promise<PGliteInterface>): Promise<void> => {
  const opening = openPglite().then(openPgliteDatabase);
  let last: Promise<unknown> = opening;

  const answer = async (database: PgliteDatabase, call: Call): Promise<void> => {
    try {
      port.say({ type: 'answer', id: call.id, value: await perform(database, call) });
    } catch (error) {
      port.say(
        isOutOfSpace(error)
          ? { type: 'refused', id: call.id, message: describeOutOfSpace(error) }
          : failure(call.id, error),
      );
    }
  };

  try {
    const { database, made } = await opening;
    port.onCall((call) => {
      last = last.then(() => answer(database, call));
    });
    port.say({ type: 'opened', made });
  } catch (error) {
    port.say(failure(null, error));
  }
};
