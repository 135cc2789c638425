import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerMessage } from './pglite-calls.ts';
import type { OpenWorker } from './worker-port.ts';

/** Threads run what was built; a test that runs from source finds it beside. */
const SCRIPT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/replica/pglite-worker.js', import.meta.url)
  : new URL('./pglite-worker.js', import.meta.url);

/**
 * V8 compiles a function of WebAssembly anew, better, after it ran for a while; of Postgres, a hundred thousand reads were stored in
 * the time that this took. Ten times later than by default it still finds what a longer fill runs most: measured, opening and
 * 100,000 reads together cost a quarter less CPU, 300,000 no more.
 */
const COMPILE_LATER = '--wasm-tiering-budget=18000000';

/** PGlite in a thread of this process. */
export const openNodeWorker: OpenWorker = (input, { onMessage, onEnded }) => {
  setFlagsFromString(COMPILE_LATER);
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
