import { runPaced } from '@baton/schema/roster';
import { describe, expect, it } from 'vitest';
import { createPace } from '../../src/work/pace.ts';

const TURN_MS = 5;

/** An event loop that comes round when it is told to, and a clock that steps of work move. */
const openLoop = () => {
  const ends: (() => void)[] = [];
  let now = 0;
  const pace = createPace(
    { timers: { mono: () => now }, afterTurn: (run: () => void): void => void ends.push(run) },
    TURN_MS,
  );
  return {
    pace,
    spend: (ms: number): void => {
      now += ms;
    },
    /** What was to come after this turn, and what follows from it before the next. */
    turn: async (): Promise<void> => {
      for (const run of ends.splice(0)) run();
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
};

function* work(steps: number, note: () => void): Generator<undefined, void, undefined> {
  for (let step = 0; step < steps; step++) {
    note();
    yield;
  }
}

describe('[P16] long work', () => {
  it('has one piece in a turn, however much of it there is, and each has its turn', async () => {
    const { pace, spend, turn } = openLoop();
    const done: string[] = [];
    const note = (name: string) => (): void => {
      done.push(name);
      spend(TURN_MS);
    };
    const all = Promise.all(['a', 'b', 'c'].map((name) => runPaced(work(4, note(name)), pace)));
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

  it('goes on in a turn for as long as the turn has time by the clock, and no step longer', async () => {
    const { pace, spend, turn } = openLoop();
    let steps = 0;
    let costMs = 1;
    const all = runPaced(
      work(40, () => {
        steps++;
        spend(costMs);
      }),
      pace,
    );
    steps = 0;
    await turn();
    expect(steps).toBe(TURN_MS);
    costMs = TURN_MS / 2; // as when the garbage collector has its share
    await turn();
    expect(steps).toBe(TURN_MS + 2);
    costMs = 0.5;
    for (let count = 0; count < 5; count++) await turn();
    await all;
  });

  it('that begins behind another in the same turn takes no time of its own there', async () => {
    const { pace, spend, turn } = openLoop();
    const steps = { first: 0, second: 0 };
    const count = (name: keyof typeof steps) => (): void => {
      steps[name]++;
      spend(1);
    };
    const first = runPaced(work(2 * TURN_MS, count('first')), pace);
    await turn();
    const before = steps.second;
    const second = runPaced(work(TURN_MS, count('second')), pace);
    expect(steps.second - before).toBe(1);
    for (let turns = 0; turns < 6; turns++) await turn();
    await Promise.all([first, second]);
  });
});
