import type { Result } from '@baton/schema/result';
import type { Command } from './consumer.ts';

/** A command that could not be run, kept until somebody retries or drops it. */
export interface DeadLetter {
  /** Name of the process manager. */
  readonly manager: string;
  readonly command: Command;
  /** Why, in one line. */
  readonly error: string;
  /** ms since the Unix epoch. */
  readonly at: number;
  /** How often it was tried. */
  readonly attempts: number;
}

export interface StoreFailure {
  readonly type: 'store-failed';
  readonly message: string;
}

/**
 * Where checkpoints and dead letters are kept. What resolves with ok is durable (memory apart). A letter is known by its
 * manager and its command's key: putting it again replaces it.
 */
export interface LiveStore {
  /** Null: there is none. */
  readonly load: (consumer: string) => Promise<Result<string | null, StoreFailure>>;
  readonly save: (consumer: string, checkpoint: string) => Promise<Result<void, StoreFailure>>;
  /** Of one manager, or of all; oldest first. */
  readonly letters: (manager?: string) => Promise<Result<readonly DeadLetter[], StoreFailure>>;
  readonly putLetter: (letter: DeadLetter) => Promise<Result<void, StoreFailure>>;
  /** False: there was none. */
  readonly dropLetter: (manager: string, key: string) => Promise<Result<boolean, StoreFailure>>;
  readonly close: () => Promise<void>;
}
