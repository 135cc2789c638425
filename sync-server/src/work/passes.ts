import type { Timers } from '@baton/schema/ports';

/** Visits everybody in a set, some in each turn of the event loop. */
export interface Passes {
  /** Begins a pass in the next turn, unless one is running. */
  readonly start: () => void;
  /** Begins one now, unless one is running. */
  readonly startNow: () => void;
  /** Visits at once all that the running pass has not visited yet. */
  readonly finish: () => void;
  readonly isRunning: () => boolean;
}

export interface PassesDeps {
  readonly timers: Pick<Timers, 'mono'>;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
}

export interface PassLimits {
  /** Visits in one turn of the event loop, and the time that a turn has for them. */
  readonly turnVisits: number;
  readonly turnMs: number;
}

/** The clock is looked at once for so many visits. */
const LOOK_VISITS = 16;

/**
 * @param visits who is visited; may change while a pass runs
 * @param onEnd a pass has ended; true: another one is needed
 */
export const createPasses = <T>(
  { timers, afterTurn }: PassesDeps,
  limits: PassLimits,
  visits: { readonly all: () => Iterator<T>; readonly visit: (it: T) => void; readonly onEnd: () => boolean },
): Passes => {
  let pass: Iterator<T> | null = null;

  /** False: the pass has come to its end. */
  const someVisits = (it: Iterator<T>): boolean => {
    const until = timers.mono() + limits.turnMs;
    for (let count = 1; count <= limits.turnVisits; count++) {
      const step = it.next();
      if (step.done === true) return false;
      visits.visit(step.value);
      if (count % LOOK_VISITS === 0 && timers.mono() >= until) return true;
    }
    return true;
  };

  const end = (): void => {
    pass = null;
    if (visits.onEnd()) start();
  };

  const turnOf = (mine: Iterator<T>) => (): void => {
    if (pass !== mine) return; // finished meanwhile
    const isLeft = someVisits(mine);
    if (pass !== mine) return;
    if (isLeft) afterTurn(turnOf(mine));
    else end();
  };

  const start = (): void => {
    if (pass !== null) return;
    pass = visits.all();
    afterTurn(turnOf(pass));
  };

  return {
    start,
    startNow: () => {
      if (pass !== null) return;
      pass = visits.all();
      turnOf(pass)();
    },
    finish: () => {
      const mine = pass;
      if (mine === null) return;
      for (let step = mine.next(); step.done !== true; step = mine.next()) visits.visit(step.value);
      if (pass === mine) end();
    },
    isRunning: () => pass !== null,
  };
};
