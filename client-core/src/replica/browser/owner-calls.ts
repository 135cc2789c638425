import type { Timer, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { Lost } from '../replica.ts';
import type { ReadMethod } from './tab-line.ts';

/** The owner gave no answer. */
export interface Unanswered extends Lost {
  /** Another one may: it was handed over. An owner that is only slow would be made slower by the same call. */
  readonly askAgain: boolean;
}

/** Calls of a tab that follows, under way to the owner. Each ends within `callMs`. */
export interface OwnerCalls {
  readonly call: (method: ReadMethod, args: readonly unknown[]) => Promise<Result<unknown, Unanswered>>;
  readonly answered: (id: number, value: unknown) => void;
  /** The owner is another, or gone: nobody will answer what is under way. */
  readonly dropAll: (reason: string) => void;
}

/** A tab that asks without end gets no more memory than this many calls. */
const MAX_CALLS = 256;

const unanswered = (message: string, askAgain: boolean): Result<never, Unanswered> =>
  err({ type: 'lost', message, askAgain });

export const createOwnerCalls = (
  timers: Timers,
  post: (id: number, method: ReadMethod, args: readonly unknown[]) => void,
  callMs: number,
): OwnerCalls => {
  const pending = new Map<
    number,
    { readonly settle: (answer: Result<unknown, Unanswered>) => void; readonly timer: Timer }
  >();
  let lastId = 0;

  const settle = (id: number, answer: Result<unknown, Unanswered>): void => {
    const call = pending.get(id);
    pending.delete(id);
    call?.timer.clear();
    call?.settle(answer);
  };

  return {
    call: (method, args) => {
      if (pending.size >= MAX_CALLS)
        return Promise.resolve(unanswered('too many calls are under way to the owner', false));
      const id = ++lastId;
      return new Promise((resolve) => {
        const late = (): void =>
          settle(id, unanswered(`the owner did not answer ${method} within ${callMs} ms`, false));
        pending.set(id, { settle: resolve, timer: timers.after(callMs, late) });
        post(id, method, args);
      });
    },
    answered: (id, value) => settle(id, ok(value)),
    dropAll: (reason) => {
      for (const id of [...pending.keys()]) settle(id, unanswered(reason, true));
    },
  };
};
