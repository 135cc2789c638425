import { ok } from '@baton/schema/result';
import { compareLetters } from '../dead-letter.ts';
import type { DeadLetter, LiveStore } from '../store.ts';

/** Keeps nothing beyond the process: for tests, and for what is computed anew at each start on purpose. */
export const createMemoryStore = (): LiveStore => {
  const checkpoints = new Map<string, string>();
  const letters = new Map<string, DeadLetter>();
  const idOf = (manager: string, key: string): string => `${manager}\n${key}`;
  return {
    load: async (consumer) => ok(checkpoints.get(consumer) ?? null),
    save: async (consumer, checkpoint) => {
      checkpoints.set(consumer, checkpoint);
      return ok(undefined);
    },
    letters: async (manager) =>
      ok([...letters.values()].filter((it) => manager === undefined || it.manager === manager).sort(compareLetters)),
    putLetter: async (letter) => {
      letters.set(idOf(letter.manager, letter.command.key), letter);
      return ok(undefined);
    },
    dropLetter: async (manager, key) => ok(letters.delete(idOf(manager, key))),
    close: async () => {},
  };
};
