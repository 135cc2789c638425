import { rm } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { WorkerInput } from './pglite-calls.ts';
import { PGLITE_OPTIONS, servePglite } from './serve-pglite.ts';
import { copyTemplate } from './template.ts';
import type { ServedPort } from './worker-port.ts';

/**
 * Root of the thread in which PGlite runs, so that neither a bulk fill nor a hanging open ever
 * stops the sockets; the owner can end the thread at any moment.
 */
const served = (port: MessagePort): ServedPort => ({
  say: (message) => port.postMessage(message),
  onCall: (listener) => port.on('message', listener),
});

const open = (dataDir: string): Promise<PGlite> => PGlite.create({ dataDir, ...PGLITE_OPTIONS });

/** A copy of the template that does not open is none: the database begins as ever. */
const openOrBegin = async (directory: string): Promise<PGlite> => {
  if (!(await copyTemplate(directory))) return open(directory);
  try {
    return await open(directory);
  } catch {
    await rm(directory, { recursive: true, force: true }); // what is wrong with the disk, the second open tells
    return open(directory);
  }
};

if (parentPort === null) throw new Error('pglite-worker runs as a worker thread');
const { directory } = workerData as WorkerInput;
await servePglite(served(parentPort), () => openOrBegin(directory));
