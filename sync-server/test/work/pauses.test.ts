import { runWithPauses } from '@baton/schema/roster';
import { expect, it } from 'vitest';
import { createPauses } from '../../src/work/pauses.ts';

/** Turns of an event loop that comes round when it is told to. */
const openTurns = () => {
  const ends: (() => void)[] = [];
  return {
    afterTurn: (run: () => void): void => void ends.push(run),
    /** What was to come after this turn, and what follows from it before the next. */
    turn: async (): Promise<void> => {
      for (const run of ends.splice(0)) run();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
};

function* work(pieces: number, note: () => void): Generator<undefined, void, undefined> {
  for (let piece = 0; piece < pieces; piece++) {
    note();
    yield;
  }
}

it('[P16] however much long work there is, one piece of it goes on in a turn, and each has its turn', async () => {
  const { afterTurn, turn } = openTurns();
  const pause = createPauses(afterTurn);
  const done: string[] = [];
  const all = Promise.all(
    ['a', 'b', 'c'].map((name) =>
      runWithPauses(
        work(4, () => done.push(name)),
        pause,
      ),
    ),
  );
  expect(done.splice(0)).toEqual(['a', 'b', 'c']); // each began in a turn of its own asker
  const turns: number[] = [];
  for (let count = 0; count < 12; count++) {
    const before = done.length;
    await turn();
    turns.push(done.length - before);
  }
  expect(Math.max(...turns)).toBe(1);
  expect(done.join('')).toBe('abcabcabc');
  await all;
});
