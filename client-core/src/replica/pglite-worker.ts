import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { WorkerInput } from './pglite-calls.ts';
import { PGLITE_SETTINGS, servePglite } from './serve-pglite.ts';
import type { ServedPort } from './worker-port.ts';

/**
 * Root of the thread in which PGlite runs, so that neither a bulk fill nor a hanging open ever
 * stops the sockets; the owner can end the thread at any moment.
 */
const served = (port: MessagePort): ServedPort => ({
  say: (message) => port.postMessage(message),
  onCall: (listener) => port.on('message', listener),
});

if (parentPort === null) throw new Error('pglite-worker runs as a worker thread');
const { directory } = workerData as WorkerInput;
await servePglite(served(parentPort), () => PGlite.create({ dataDir: directory, postgresqlconf: PGLITE_SETTINGS }));
