import type { Timers } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';

export interface PaceDeps {
  readonly timers: Pick<Timers, 'mono'>;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
}

/**
 * Of a turn of the event loop, for long work, in ms. By the clock and not by a count of rows: while the garbage collector marks, what
 * allocates is made to help it, and the same rows take ten times as long.
 */
const TURN_MS = 5;

/**
 * How the relay's long work shares the event loop. All of it has one line: in each turn one piece goes on, whoever waited
 * longest, so that ten imports at once hold the loop for as long as one does. No timers: two pieces whose timers are due by each
 * other's end would go on in one turn, and nothing that arrives would be heard.
 */
export const createPace = ({ timers, afterTurn }: PaceDeps, turnMs = TURN_MS): Pace => {
  let waiting: (() => void)[] = [];
  let next = 0;
  /** Whoever has not rested yet finds the time of those before it used up, and rests at its first look. */
  let until = timers.mono();

  const goOn = (): void => {
    const resolve = waiting[next++];
    if (next < waiting.length) afterTurn(goOn);
    else {
      waiting = [];
      next = 0;
    }
    until = timers.mono() + turnMs;
    resolve?.();
  };

  return {
    isOver: () => timers.mono() >= until,
    rest: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length - next === 1) afterTurn(goOn);
      }),
  };
};
