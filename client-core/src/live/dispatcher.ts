import type { Clock, Log, Random, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { type BackoffOptions, backoffDelay } from '../connection/backoff.ts';
import type { Command } from './consumer.ts';
import type { CommandOutcome } from './process-runner.ts';
import type { DeadLetter, LiveStore } from './store.ts';

export interface DispatchFailure {
  readonly type: 'dispatch-failed';
  /** One line: what was tried and what came back; no secrets. */
  readonly message: string;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;
}

export const dispatchFailed = (message: string, retryable: boolean): Result<never, DispatchFailure> =>
  err({ type: 'dispatch-failed', message, retryable });

/** Runs one kind of command. It must end by itself, within a bounded time, and soon after the signal. */
export type Dispatcher = (command: Command, signal: AbortSignal) => Promise<Result<void, DispatchFailure>>;

export interface DispatchDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly store: Pick<LiveStore, 'putLetter'>;
  readonly dispatchers: ReadonlyMap<string, Dispatcher>;
}

export interface DispatchOptions {
  /** Tries of a command before it becomes a dead letter. */
  readonly attempts: number;
  /** Wait between them. */
  readonly backoff: BackoffOptions;
}

const MAX_ERROR = 500;

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').slice(0, MAX_ERROR);

/** What a dispatcher throws is a defect of it; the command is kept all the same. */
const run = async (
  dispatcher: Dispatcher | undefined,
  command: Command,
  signal: AbortSignal,
): Promise<Result<void, DispatchFailure>> => {
  if (dispatcher === undefined) return dispatchFailed(`unknown command type: ${command.type}`, false);
  try {
    return await dispatcher(command, signal);
  } catch (error) {
    return dispatchFailed(`the dispatcher of ${command.type} threw: ${String(error)}`, false);
  }
};

/** Resolves with false when the signal comes first. */
export const pause = (timers: Timers, ms: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = (): void => {
      timer.clear();
      resolve(false);
    };
    const timer = timers.after(ms, () => {
      signal.removeEventListener('abort', end);
      resolve(true);
    });
    signal.addEventListener('abort', end, { once: true });
  });

type Tried =
  | { readonly type: 'done' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'failed'; readonly error: string; readonly attempts: number };

/**
 * Tries a command until it is done, refused for good, or was tried often enough; then it is a dead letter, kept before
 * anything goes on. Where even that fails, nothing goes on: the position stays, and it is tried again and again.
 */
export const createPerform = (deps: DispatchDeps, options: DispatchOptions) => {
  const { timers, random, log } = deps;
  const wait = (attempt: number, signal: AbortSignal): Promise<boolean> =>
    pause(timers, backoffDelay(attempt, random.next(), options.backoff), signal);

  const tryAll = async (command: Command, signal: AbortSignal): Promise<Tried> => {
    const dispatcher = deps.dispatchers.get(command.type);
    for (let attempt = 1; ; attempt++) {
      const outcome = await run(dispatcher, command, signal);
      if (outcome.ok) return { type: 'done' };
      if (signal.aborted) return { type: 'interrupted' };
      const { message, retryable } = outcome.error;
      if (!retryable || attempt >= options.attempts)
        return { type: 'failed', error: oneLine(message), attempts: attempt };
      if (!(await wait(attempt - 1, signal))) return { type: 'interrupted' };
    }
  };

  const keep = async (letter: DeadLetter, signal: AbortSignal): Promise<CommandOutcome> => {
    const { manager, command, error } = letter;
    for (let attempt = 0; ; attempt++) {
      const kept = await deps.store.putLetter(letter);
      if (kept.ok) {
        log.error('a command became a dead letter', { manager, command: command.type, key: command.key, error });
        return 'dead';
      }
      log.error('a dead letter cannot be kept; the manager waits', { manager, error: kept.error.message });
      if (!(await wait(attempt, signal))) return 'interrupted';
    }
  };

  return async (manager: string, command: Command, signal: AbortSignal): Promise<CommandOutcome> => {
    const tried = await tryAll(command, signal);
    if (tried.type !== 'failed') return tried.type;
    const { error, attempts } = tried;
    return keep({ manager, command, error, at: deps.clock.now(), attempts }, signal);
  };
};

export type RetryOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'unknown' };

/** Tries a dead letter once more; it is dropped only after the command ran. */
export const retryLetter = async (
  store: LiveStore,
  dispatchers: ReadonlyMap<string, Dispatcher>,
  manager: string,
  key: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<RetryOutcome> => {
  const letters = await store.letters(manager);
  if (!letters.ok) return { type: 'failed', message: letters.error.message };
  const letter = letters.value.find(({ command }) => command.key === key);
  if (letter === undefined) return { type: 'unknown' };
  const outcome = await run(dispatchers.get(letter.command.type), letter.command, signal);
  if (!outcome.ok) {
    const error = oneLine(outcome.error.message);
    const kept = await store.putLetter({ ...letter, error, attempts: letter.attempts + 1 });
    return { type: 'failed', message: kept.ok ? error : `${error}; ${kept.error.message}` };
  }
  const dropped = await store.dropLetter(manager, key);
  return dropped.ok ? { type: 'done' } : { type: 'failed', message: `it ran, but ${dropped.error.message}` };
};

export const done: Result<void, never> = ok(undefined);
