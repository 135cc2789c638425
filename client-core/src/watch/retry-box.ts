import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ids, Log, Timers } from '@baton/schema/ports';
import { z } from 'zod';
import type { RetryOutcome } from '../live/dispatcher.ts';
import { isAbsent, replaceFile } from '../platform/node/replace-file.ts';

/**
 * How `baton dead-letters retry` asks the watch that runs in the directory: only that process runs commands, so that none runs
 * twice at once. A request is a file `<id>.ask`; the watch takes it by renaming it, and answers in `<id>.answer`.
 */
export interface LetterName {
  readonly manager: string;
  readonly key: string;
}

const Ask = z.object({ manager: z.string(), key: z.string() });
const Answer = z.union([
  z.object({ type: z.enum(['done', 'unknown']) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

const POLL_MS = 200;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no request and no answer: the schema says so
  }
};

/** False: it is not there any more. */
const moved = async (from: string, to: string): Promise<boolean> => {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
};

/** Answers requests, one after the other, until `close`. What was asked of a process before this one is thrown away. */
export const serveRetries = async (
  deps: { readonly timers: Timers; readonly log: Log },
  folder: string,
  retry: (letter: LetterName) => Promise<RetryOutcome>,
): Promise<{ readonly close: () => Promise<void> }> => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let working: Promise<void> | null = null;

  const answer = async (id: string): Promise<void> => {
    const taken = join(folder, `${id}.taken`);
    if (!(await moved(join(folder, `${id}.ask`), taken))) return; // given up meanwhile
    const ask = Ask.safeParse(parse(await readFile(taken, 'utf8')));
    const outcome: RetryOutcome = ask.success ? await retry(ask.data) : { type: 'failed', message: 'no such request' };
    await replaceFile(join(folder, `${id}.answer`), JSON.stringify(outcome));
    await rm(taken, { force: true });
  };

  const look = async (): Promise<void> => {
    for (const name of await readdir(folder)) {
      if (name.endsWith('.ask')) await answer(name.slice(0, -'.ask'.length));
    }
  };

  const every = deps.timers.every(POLL_MS, () => {
    working ??= look()
      .catch((error: unknown) => deps.log.error('a request to retry a dead letter failed', { reason: String(error) }))
      .finally(() => {
        working = null;
      });
  });

  return {
    close: async () => {
      every.clear();
      await working;
    },
  };
};

/** Null: nobody took the request in time. */
export const askRetry = async (
  deps: { readonly timers: Timers; readonly ids: Ids },
  folder: string,
  letter: LetterName,
  patience: { readonly takenMs: number; readonly answerMs: number },
): Promise<RetryOutcome | null> => {
  const id = deps.ids.uuid();
  const [ask, answer] = [join(folder, `${id}.ask`), join(folder, `${id}.answer`)];
  const pause = (): Promise<void> => new Promise((resolve) => deps.timers.after(POLL_MS, resolve));

  const answered = async (): Promise<RetryOutcome | null> => {
    try {
      const parsed = Answer.safeParse(parse(await readFile(answer, 'utf8')));
      await rm(answer, { force: true });
      return parsed.success ? parsed.data : { type: 'failed', message: 'the running watch gave no clear answer' };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };

  const begun = deps.timers.mono();
  let taken = false;
  await replaceFile(ask, JSON.stringify(letter));
  for (;;) {
    const outcome = await answered();
    if (outcome !== null) return outcome;
    const waited = deps.timers.mono() - begun;
    if (!taken && waited > patience.takenMs) {
      if (await moved(ask, `${ask}.dropped`)) {
        await rm(`${ask}.dropped`, { force: true });
        return null;
      }
      taken = true;
    }
    if (waited > patience.answerMs) return { type: 'failed', message: 'the running watch took it and gave no answer' };
    await pause();
  }
};
