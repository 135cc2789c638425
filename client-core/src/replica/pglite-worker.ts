import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { Call, WorkerInput, WorkerMessage } from './pglite-calls.ts';
import { openPgliteDatabase, type PgliteDatabase } from './pglite-database.ts';
import { isCorruption } from './sql-errors.ts';

/**
 * Root of the thread in which PGlite runs, so that neither a bulk fill nor a hanging open ever
 * stops the sockets; the owner can end the thread at any moment.
 *
 * Settings: small buffers (the file system caches; 0.2 GB less memory, same speed), and a bounded
 * write-ahead log, which is what a start after a kill has to replay.
 */
const SETTINGS = ['shared_buffers = 16MB', 'max_wal_size = 128MB'];

/** Emscripten throws plain objects for failed system calls. */
const describe = (error: unknown): string => {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return typeof error === 'object' ? JSON.stringify(error) : String(error);
};

const failure = (id: number | null, error: unknown): WorkerMessage => ({
  type: 'failed',
  id,
  damaged: isCorruption(error),
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
    case 'project':
      return database.project();
    case 'verify':
      return database.verify();
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

const serve = async (port: MessagePort, { directory }: WorkerInput): Promise<void> => {
  const say = (message: WorkerMessage): void => port.postMessage(message);
  const opening = PGlite.create({ dataDir: directory, postgresqlconf: SETTINGS }).then(openPgliteDatabase);
  let last: Promise<unknown> = opening;

  const answer = async (database: PgliteDatabase, call: Call): Promise<void> => {
    try {
      say({ type: 'answer', id: call.id, value: await perform(database, call) });
    } catch (error) {
      say(failure(call.id, error));
    }
  };

  try {
    const { database, made } = await opening;
    port.on('message', (call: Call) => {
      last = last.then(() => answer(database, call));
    });
    say({ type: 'opened', made });
  } catch (error) {
    say(failure(null, error));
  }
};

if (parentPort === null) throw new Error('pglite-worker runs as a worker thread');
await serve(parentPort, workerData as WorkerInput);
