import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { StoreOpenError } from '../store-error.ts';
import { handedOverWithAnswers } from './handed-over.ts';
import { createMergeThread } from './merge-thread.ts';
import type { SqliteCore } from './sqlite-core.ts';
import { openSqliteCore } from './sqlite-core.ts';
import { createStoreLoop } from './store-loop.ts';
import type { FromWorker, NumberedCall, ToWorker, WorkerOptions } from './worker-messages.ts';

/**
 * The store's thread: the one place where waiting for the disk is right. It takes everything that has
 * arrived, commits once, answers, and takes what arrived meanwhile: the busier, the larger the groups.
 */

/** Under load, background work gets about a twentieth of the thread. */
const REST_FACTOR = 19;
const MIN_REST_MS = 5;

const openOrTell = (options: WorkerOptions, tell: (message: FromWorker) => void): SqliteCore | null => {
  try {
    return openSqliteCore(options);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    tell({ type: 'not-opened', reason: error.reason, message: error.message });
    return null;
  }
};

/** Everything else that waits on the port, so that it joins the transaction of the first. */
const drain = (port: MessagePort): readonly NumberedCall[] => {
  const calls: NumberedCall[] = [];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const message: ToWorker = next.message;
    calls.push(...message);
  }
  return calls;
};

const serve = (port: MessagePort, core: SqliteCore): void => {
  const tell = (message: FromWorker): void => port.postMessage(message);
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let toldFailure = false;
  let busy = false;
  let lastStepMs = 0;

  const merging = createMergeThread();
  const loop = createStoreLoop({
    core,
    answer: (answers) => {
      const message: FromWorker = { type: 'answers', answers, syncs: core.takeSyncs() };
      port.postMessage(message, handedOverWithAnswers(answers));
    },
    onClose: () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      merging.stop();
      port.close();
    },
    merge: merging.merge,
    onBackground: () => schedule(),
  });

  const tellFailure = (): void => {
    const failure = core.failure();
    if (failure === null || toldFailure) return;
    toldFailure = true;
    tell({ type: 'failed', message: failure });
  };

  const schedule = (): void => {
    if (timer !== null || closed || !loop.hasBackground()) return;
    timer = setTimeout(step, busy ? Math.max(MIN_REST_MS, REST_FACTOR * lastStepMs) : 0);
  };

  const step = (): void => {
    timer = null;
    busy = false;
    const start = performance.now();
    loop.background();
    lastStepMs = performance.now() - start;
    tellFailure();
    schedule();
  };

  port.on('message', (first: ToWorker) => {
    busy = true;
    loop.serve([...first, ...drain(port)]);
    if (closed) return;
    tellFailure();
    schedule();
  });
};

if (parentPort === null) throw new Error('the store runs in a worker thread; openWorkerStore starts it');
const port = parentPort;
const options: WorkerOptions = workerData;
const core = openOrTell(options, (message) => port.postMessage(message));
if (core !== null) {
  serve(port, core);
  port.postMessage({ type: 'opened' } satisfies FromWorker);
}
