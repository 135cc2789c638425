import type { Worker } from 'node:worker_threads';
import { afterTurn, systemTimers } from '../../platform/node-time.ts';
import type { CommitReply } from '../store.ts';
import { StoreFailedError } from '../store-error.ts';
import { gatherUpdates } from './gathered-updates.ts';
import { handedOverWithCalls } from './handed-over.ts';
import type { WriteRequest } from './requests.ts';
import type { FromWorker, NumberedAnswer, NumberedCall, StoreAnswers, StoreCall } from './worker-messages.ts';

type Failed = CommitReply & { readonly type: 'failed' };
type AnyAnswer = StoreAnswers[keyof StoreAnswers];

interface Waiting {
  readonly resolve: (value: AnyAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly fail: (message: string) => void;
}

type SayingCall = WriteRequest | (StoreCall & { readonly type: 'compactDoc' });

/** The main thread's end of the store's thread. */
export interface WorkerCaller {
  /** A call with no failure of its own: rejects with `StoreFailedError`. */
  readonly read: <C extends StoreCall>(call: C) => Promise<StoreAnswers[C['type']]>;
  /** A call that says itself that the store has failed. */
  readonly write: <C extends SayingCall>(call: C) => Promise<StoreAnswers[C['type']] | Failed>;
  /** Counts what has been posted: a call made at the same count as an earlier one goes to the thread together with it. */
  readonly posted: () => number;
  /** Lets the thread do what waits and end; resolves when it has ended. Idempotent, also after a failure. */
  readonly close: () => Promise<void>;
}

const CLOSED = 'the store is closed';

/** Calls to the thread, joined per turn of the event loop, updates of documents over some, and their answers. */
export const createWorkerCaller = (
  worker: Worker,
  onFailure: (message: string) => void,
  onSync: (ms: number) => void = () => {},
): WorkerCaller => {
  const waiting = new Map<number, Waiting>();
  let outbox: NumberedCall[] = [];
  let lastId = 0;
  let posted = 0;
  let refusal: string | null = null;
  let closing: Promise<void> | null = null;
  let ended = (): void => {};
  const exited = new Promise<void>((resolve) => {
    ended = resolve;
  });

  const flush = (): void => {
    const calls = outbox;
    outbox = [];
    posted++;
    if (calls.length > 0) worker.postMessage(calls, handedOverWithCalls(calls));
  };

  const gathering = gatherUpdates(systemTimers, afterTurn, flush);

  /** From now on nothing is answered but with `message`. */
  const refuseAll = (message: string): void => {
    refusal ??= message;
    outbox = [];
    const left = [...waiting.values()];
    waiting.clear();
    for (const it of left) it.fail(message);
  };

  const failAll = (message: string): void => {
    if (refusal !== null) return;
    refuseAll(message);
    onFailure(message);
  };

  const settle = (answer: NumberedAnswer): void => {
    const it = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.type === 'answer') it?.resolve(answer.value);
    else it?.reject(new StoreFailedError(answer.message));
  };

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'answers') {
      for (const ms of message.syncs) onSync(ms);
      for (const answer of message.answers) settle(answer);
    }
    if (message.type === 'failed') failAll(message.message);
  });
  worker.on('error', (error) => failAll(`the store’s thread crashed: ${error.message}`));
  worker.on('exit', (code) => {
    if (closing === null) failAll(`the store’s thread ended by itself, code ${code}`);
    else refuseAll(CLOSED);
    ended();
  });

  const send = (call: StoreCall, it: Waiting): void => {
    if (refusal !== null) {
      it.fail(refusal);
      return;
    }
    const id = ++lastId;
    waiting.set(id, it);
    outbox.push({ id, call });
    gathering.added(call.type === 'appendDoc');
  };

  const read = <C extends StoreCall>(call: C): Promise<StoreAnswers[C['type']]> =>
    new Promise((resolve, reject) => {
      send(call, {
        resolve: (value) => resolve(value as StoreAnswers[C['type']]), // the thread answers by the call's type
        reject,
        fail: (message) => reject(new StoreFailedError(message)),
      });
    });

  const write = <C extends SayingCall>(call: C): Promise<StoreAnswers[C['type']] | Failed> =>
    new Promise((resolve, reject) => {
      send(call, {
        resolve: (value) => resolve(value as StoreAnswers[C['type']]),
        reject,
        fail: (message) => resolve({ type: 'failed', message }),
      });
    });

  const endThread = async (): Promise<void> => {
    await read({ type: 'close' }).catch(() => worker.terminate()); // it has failed, and whoever asked was told so
    refuseAll(CLOSED);
    await exited;
  };

  const close = (): Promise<void> => {
    closing ??= endThread();
    return closing;
  };

  return { read, write, posted: () => posted, close };
};
