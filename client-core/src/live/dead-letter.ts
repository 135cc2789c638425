import { z } from 'zod';
import type { DeadLetter } from './store.ts';

const Letter = z.object({
  manager: z.string(),
  command: z.object({ key: z.string(), type: z.string(), payload: z.unknown() }),
  error: z.string(),
  at: z.number(),
  attempts: z.int().min(0),
});

/** A letter as a store kept it; null: it cannot be read. */
export const readLetter = (text: string): DeadLetter | null => {
  try {
    const { command, ...rest } = Letter.parse(JSON.parse(text));
    return { ...rest, command: { key: command.key, type: command.type, payload: command.payload ?? null } };
  } catch {
    return null; // the store tells of it
  }
};

export const compareLetters = (a: DeadLetter, b: DeadLetter): number =>
  a.at - b.at || (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : a.command.key < b.command.key ? -1 : 1);
