import { Worker } from 'node:worker_threads';
import type { Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { Answer, Arguments, Call, Method, WorkerInput, WorkerMessage } from './pglite-calls.ts';

/** The database, its thread or the time it may take failed; the thread has been ended. */
export interface Broken {
  readonly type: 'broken';
  /** What is on disk is known to be bad: opening it again would not help. */
  readonly damaged: boolean;
  readonly message: string;
}

export interface PgliteThread {
  /** There was no database: this one is new and empty. */
  readonly made: boolean;
  /** Each call is bounded in time: a thread that hangs is ended. */
  readonly call: <M extends Method>(method: M, ...args: Arguments<M>) => Promise<Result<Answer<M>, Broken>>;
  /** Ends the thread at once, as a kill would. */
  readonly end: () => Promise<void>;
}

export interface ThreadLimits {
  readonly openMs: number;
  readonly callMs: number;
}

/** Threads run what was built; a test that runs from source finds it beside. */
const SCRIPT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/replica/pglite-worker.js', import.meta.url)
  : new URL('./pglite-worker.js', import.meta.url);

type Settle = (answer: Result<unknown, Broken>) => void;

/** Starts a thread that opens the database in `directory`. */
export const startPgliteThread = async (
  timers: Timers,
  directory: string,
  limits: ThreadLimits,
): Promise<Result<PgliteThread, Broken>> => {
  const input: WorkerInput = { directory };
  // without the process' own flags: a test runner's would make the thread resolve packages to their sources
  const worker = new Worker(SCRIPT, { workerData: input, name: 'pglite', execArgv: [] });
  const pending = new Map<number, Settle>();
  let lastId = 0;
  let over: Broken | null = null;

  const fail = (message: string, damaged = false): void => {
    if (over !== null) return;
    over = { type: 'broken', damaged, message };
    for (const settle of pending.values()) settle(err(over));
    pending.clear();
    void worker.terminate();
  };

  const settle = (id: number, answer: Result<unknown, Broken>): void => {
    const waiting = pending.get(id);
    pending.delete(id);
    waiting?.(answer);
  };

  /** Registers an answer to wait for; `id` 0 is the opening itself. */
  const expect = (id: number, ms: number, what: string): Promise<Result<unknown, Broken>> => {
    if (over !== null) return Promise.resolve(err(over));
    return new Promise((resolve) => {
      const timer = timers.after(ms, () => fail(`${what} took longer than ${ms} ms`));
      pending.set(id, (answer) => {
        timer.clear();
        resolve(answer);
      });
    });
  };

  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'opened') settle(0, ok(message.made));
    else if (message.type === 'answer') settle(message.id, ok(message.value));
    else fail(message.message, message.damaged);
  });
  worker.on('error', (error) => fail(`the database's thread failed: ${error.message}`));
  worker.on('exit', (code) => fail(`the database's thread ended (${code})`));

  const opened = await expect(0, limits.openMs, 'opening the database');
  if (!opened.ok) return opened;
  return ok({
    made: opened.value === true,
    call: async <M extends Method>(method: M, ...args: Arguments<M>) => {
      const id = ++lastId;
      const answer = expect(id, limits.callMs, method);
      if (over === null) worker.postMessage({ id, method, args } as Call);
      // the worker answers a call with what `PgliteDatabase` returns for its method
      return (await answer) as Result<Answer<M>, Broken>;
    },
    end: async () => {
      fail('closed');
      await worker.terminate();
    },
  });
};
