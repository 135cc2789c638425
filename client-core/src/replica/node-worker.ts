import { Worker } from 'node:worker_threads';
import type { WorkerMessage } from './pglite-calls.ts';
import type { OpenWorker } from './worker-port.ts';

/** Threads run what was built; a test that runs from source finds it beside. */
const SCRIPT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/replica/pglite-worker.js', import.meta.url)
  : new URL('./pglite-worker.js', import.meta.url);

/** PGlite in a thread of this process. */
export const openNodeWorker: OpenWorker = (input, { onMessage, onEnded }) => {
  // without the process' own flags: a test runner's would make the thread resolve packages to their sources
  const worker = new Worker(SCRIPT, { workerData: input, name: 'pglite', execArgv: [] });
  worker.on('message', (message: WorkerMessage) => onMessage(message));
  worker.on('error', (error) => onEnded(`the database's thread failed: ${error.message}`));
  worker.on('exit', (code) => onEnded(`the database's thread ended (${code})`));
  return {
    post: (call) => worker.postMessage(call),
    end: async () => {
      await worker.terminate();
    },
  };
};
