import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Journal, JournalContent, JournalOpenError } from './journal.ts';
import type { JournalDatabase } from './journal-database.ts';
import type { SqliteJournalOptions } from './sqlite-journal.ts';

type Method = 'commit' | 'read' | 'prune' | 'close';

/** To the worker: a call of `JournalDatabase`, by name. */
export interface JournalCall {
  readonly id: number;
  readonly method: Method;
  readonly argument: unknown;
}

/** From the worker: first `opened`, then one `done` a call, in the order of the calls. */
export type JournalAnswer =
  | { readonly type: 'opened'; readonly content: JournalContent }
  | { readonly type: 'not-opened'; readonly error: JournalOpenError }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown };

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads run what was built; a test that runs from source finds it beside. */
const SCRIPT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/forwarder/journal-worker.js', import.meta.url)
  : new URL('./journal-worker.js', import.meta.url);

/**
 * The journal in a worker thread, so that a slow disk (an SD card may take a second to sync) never holds up
 * the readers' sockets and the heartbeats.
 */
export const openWorkerJournal = (options: SqliteJournalOptions): Promise<Result<Journal, JournalOpenError>> =>
  new Promise((resolve, reject) => {
    // without the process' own flags: a test runner's would make the thread resolve packages to their sources
    const worker = new Worker(SCRIPT, { workerData: options, name: 'journal', execArgv: [] });
    const pending = new Map<number, Pending>();
    let nextId = 1;
    let closing: Promise<void> | null = null;
    /** Why the thread is no more. */
    let over: Error | null = null;

    const call = <T>(method: Method, argument: unknown): Promise<T> =>
      new Promise((done, failed) => {
        if (over !== null) {
          failed(over);
          return;
        }
        const id = nextId++;
        pending.set(id, { resolve: done, reject: failed });
        worker.postMessage({ id, method, argument } satisfies JournalCall);
      });

    const fail = (error: Error): void => {
      over ??= error;
      reject(over);
      for (const it of pending.values()) it.reject(over);
      pending.clear();
    };

    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`the journal's thread ended with ${code}`)));
    worker.on('message', (answer: JournalAnswer) => {
      if (answer.type === 'not-opened') resolve(err(answer.error));
      else if (answer.type === 'opened') resolve(ok(journalOf(answer.content)));
      else {
        pending.get(answer.id)?.resolve(answer.value as never);
        pending.delete(answer.id);
      }
    });

    const journalOf = (opened: JournalContent): Journal => ({
      opened,
      commit: (changes) => call<ReturnType<JournalDatabase['commit']>>('commit', changes),
      read: (request) => call<ReturnType<JournalDatabase['read']>>('read', request),
      prune: (request) => call<ReturnType<JournalDatabase['prune']>>('prune', request),
      close: () => {
        closing ??= call<void>('close', null);
        return closing;
      },
    });
  });
