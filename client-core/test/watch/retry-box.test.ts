import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@baton/schema/ports';
import { expect, it, onTestFinished } from 'vitest';
import type { RetryOutcome } from '../../src/live/dispatcher.ts';
import { systemIds, systemTimers } from '../../src/platform/node/runtime.ts';
import { askRetry, type LetterName, serveRetries } from '../../src/watch/retry-box.ts';

const PATIENCE = { takenMs: 20_000, answerMs: 30_000 };
const letter: LetterName = { manager: 'finish-webhook', key: 'finish/r/Ł 17\u0000"' };
const ask = (folder: string, patience = PATIENCE) =>
  askRetry({ timers: systemTimers, ids: systemIds }, folder, letter, patience);

const stage = async (retry: (letter: LetterName) => Promise<RetryOutcome>, before?: (folder: string) => void) => {
  const root = mkdtempSync(join(tmpdir(), 'baton-retries-'));
  const folder = join(root, 'retries');
  before?.(folder);
  const box = await serveRetries({ timers: systemTimers, log: silentLog }, folder, retry);
  onTestFinished(async () => {
    await box.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { folder, close: box.close };
};

it.each<RetryOutcome>([{ type: 'done' }, { type: 'unknown' }, { type: 'failed', message: 'refused: 410' }])(
  'asks the process that runs, and brings its answer: %j',
  async (outcome) => {
    const asked: LetterName[] = [];
    const { folder } = await stage(async (it) => {
      asked.push(it);
      return outcome;
    });
    expect(await ask(folder)).toEqual(outcome);
    expect(asked).toEqual([letter]);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.taken'))).toEqual([]);
  },
);

it('runs requests one after the other', async () => {
  let running = 0;
  let most = 0;
  const { folder } = await stage(async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return { type: 'done' };
  });
  expect(await Promise.all([ask(folder), ask(folder), ask(folder)])).toEqual(Array(3).fill({ type: 'done' }));
  expect(most).toBe(1);
});

it('takes the request back where nobody takes it', async () => {
  const { folder, close } = await stage(async () => ({ type: 'done' }));
  await close();
  expect(await ask(folder, { takenMs: 1, answerMs: 20_000 })).toBeNull();
  expect(readdirSync(folder)).toEqual([]);
});

it('does not run what was asked of a process before it, and answers rubbish with a failure', async () => {
  const asked: LetterName[] = [];
  const { folder, close } = await stage(
    async (it) => {
      asked.push(it);
      return { type: 'done' };
    },
    (inside) => {
      mkdirSync(inside);
      writeFileSync(join(inside, 'old.ask'), JSON.stringify({ manager: 'm', key: 'of before' }));
    },
  );
  writeFileSync(join(folder, 'rubbish.ask'), '{"manager":');
  expect(await ask(folder)).toEqual({ type: 'done' });
  expect(asked).toEqual([letter]);
  await close(); // one process a folder: the next begins when this one has ended
  const box = await serveRetries({ timers: systemTimers, log: silentLog }, folder, async () => ({ type: 'done' }));
  await box.close();
  expect(existsSync(join(folder, 'rubbish.answer'))).toBe(false);
});
