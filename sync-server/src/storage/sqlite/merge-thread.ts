import { Worker } from 'node:worker_threads';
import type { MergeOutcome } from '../merge-updates.ts';
import { textOfError } from './failure.ts';

/** Merges updates where neither sockets nor commits wait for it. */
export interface MergeThread {
  /** One call at a time. A thread that dies has merged nothing, and the next call has a new one. */
  readonly merge: (updates: readonly Uint8Array[]) => Promise<MergeOutcome>;
  readonly stop: () => void;
}

/** An idle thread costs some megabytes: it ends after this and is started again when there is something to do. */
const IDLE_MS = 10_000;
/** A document that needs more is left as it is, instead of taking the relay's memory with it. */
const MAX_HEAP_MB = 1024;

export const createMergeThread = (file: URL = new URL('./merge-worker.js', import.meta.url)): MergeThread => {
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | null = null;

  const stop = (): void => {
    if (idle !== null) clearTimeout(idle);
    idle = null;
    void worker?.terminate();
    worker = null;
  };

  const start = (): Worker => {
    const started = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB }, execArgv: [] });
    started.unref();
    return started;
  };

  const ask = (to: Worker, updates: readonly Uint8Array[]): Promise<MergeOutcome> =>
    new Promise((resolve) => {
      const end = (outcome: MergeOutcome): void => {
        to.off('message', end);
        to.off('error', onError);
        to.off('exit', onExit);
        resolve(outcome);
      };
      const died = (reason: string): void => {
        if (worker === to) worker = null;
        end({ type: 'not-merged', reason });
      };
      const onError = (error: Error): void => died(`the merging thread failed: ${textOfError(error)}`);
      const onExit = (code: number): void => died(`the merging thread ended with code ${code}`);
      to.on('message', end);
      to.on('error', onError);
      to.on('exit', onExit);
      to.postMessage(updates);
    });

  return {
    merge: async (updates) => {
      if (idle !== null) clearTimeout(idle);
      worker ??= start();
      const outcome = await ask(worker, updates);
      idle = setTimeout(stop, IDLE_MS);
      idle.unref();
      return outcome;
    },
    stop,
  };
};
