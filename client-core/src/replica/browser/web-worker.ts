import type { WorkerMessage } from '../pglite-calls.ts';
import type { OpenWorker, WorkerPort } from '../worker-port.ts';

/** The workers of one page's replica. */
export interface WebWorkers {
  readonly open: OpenWorker;
  /** Ends each that runs, at once, and starts no more: whoever loses the lock writes nothing from then on. */
  readonly endAll: () => void;
}

/** @param start makes a worker of the script whose root is `replica-worker.ts` */
export const createWebWorkers = (start: () => Worker): WebWorkers => {
  const running = new Set<Worker>();
  let over = false;

  const end = (worker: Worker): void => {
    running.delete(worker);
    worker.terminate();
  };

  return {
    open: (input, { onMessage, onEnded }): WorkerPort => {
      if (over) {
        onEnded('this page does not own the replica any more');
        return { post: () => {}, end: async () => {} };
      }
      const worker = start();
      running.add(worker);
      worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => onMessage(data));
      worker.addEventListener('error', ({ message }) => onEnded(`the database's worker failed: ${message}`));
      worker.addEventListener('messageerror', () => onEnded('a message of the database’s worker cannot be read'));
      worker.postMessage(input);
      return { post: (call) => worker.postMessage(call), end: async () => end(worker) };
    },
    endAll: () => {
      over = true;
      for (const worker of [...running]) end(worker);
    },
  };
};
