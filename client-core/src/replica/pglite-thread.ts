import type { Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { Answer, Arguments, Call, Method, WorkerInput, WorkerMessage } from './pglite-calls.ts';
import type { OpenWorker } from './worker-port.ts';

/** There was no space for a call; it was rolled back, and the thread goes on. */
export interface Refused {
  readonly type: 'refused';
  readonly message: string;
}

/** The database, its thread or the time it may take failed; the thread has been ended. */
export interface Broken {
  readonly type: 'broken';
  /** What is on disk is known to be bad: opening it again would not help. */
  readonly damaged: boolean;
  /** Another still holds the files: they are as good as before, and no one may wipe them. */
  readonly busy?: boolean;
  /** What lies there lacks only the space to be opened, and stays. */
  readonly full?: boolean;
  readonly message: string;
}

export interface PgliteThread {
  /** There was no database: this one is new and empty. */
  readonly made: boolean;
  /** Each call is bounded in time: a thread that hangs is ended. */
  readonly call: <M extends Method>(method: M, ...args: Arguments<M>) => Promise<Result<Answer<M>, Broken | Refused>>;
  /** Ends the thread at once, as a kill would. */
  readonly end: () => Promise<void>;
}

export interface ThreadLimits {
  readonly openMs: number;
  readonly callMs: number;
}

type Settle = (answer: Result<unknown, Broken | Refused>) => void;

export interface ThreadDeps {
  readonly timers: Timers;
  readonly openWorker: OpenWorker;
  readonly limits: ThreadLimits;
}

/** Starts a thread, or worker, that opens the database that `input` names. */
export const startPgliteThread = async (
  { timers, openWorker, limits }: ThreadDeps,
  input: WorkerInput,
): Promise<Result<PgliteThread, Broken>> => {
  const pending = new Map<number, Settle>();
  let lastId = 0;
  let over: Broken | null = null;

  const fail = (message: string, damaged = false, busy = false): void => {
    if (over !== null) return;
    over = { type: 'broken', damaged, busy, message };
    for (const settle of pending.values()) settle(err(over));
    pending.clear();
    void worker.end();
  };

  const settle = (id: number, answer: Result<unknown, Broken | Refused>): void => {
    const waiting = pending.get(id);
    pending.delete(id);
    waiting?.(answer);
  };

  /** Registers an answer to wait for; `id` 0 is the opening itself. */
  const expect = (id: number, ms: number, what: string): Promise<Result<unknown, Broken | Refused>> => {
    if (over !== null) return Promise.resolve(err(over));
    return new Promise((resolve) => {
      const timer = timers.after(ms, () => fail(`${what} took longer than ${ms} ms`));
      pending.set(id, (answer) => {
        timer.clear();
        resolve(answer);
      });
    });
  };

  const hear = (message: WorkerMessage): void => {
    if (message.type === 'opened') settle(0, ok(message.made));
    else if (message.type === 'answer') settle(message.id, ok(message.value));
    else if (message.type === 'refused') settle(message.id, err({ type: 'refused', message: message.message }));
    else fail(message.message, message.damaged, message.busy);
  };

  const opening = expect(0, limits.openMs, 'opening the database');
  const worker = openWorker(input, { onMessage: hear, onEnded: (reason) => fail(reason) });
  const opened = (await opening) as Result<unknown, Broken>; // only calls are refused
  if (!opened.ok) return opened;
  return ok({
    made: opened.value === true,
    call: async <M extends Method>(method: M, ...args: Arguments<M>) => {
      const id = ++lastId;
      const answer = expect(id, limits.callMs, method);
      if (over === null) worker.post({ id, method, args } as Call);
      // the worker answers a call with what `PgliteDatabase` returns for its method
      return (await answer) as Result<Answer<M>, Broken | Refused>;
    },
    end: async () => {
      fail('closed');
      await worker.end();
    },
  });
};
