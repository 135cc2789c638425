/**
 * Long work in small steps: it yields after each, some ten or hundred microseconds apart, so that whoever runs it can stop
 * there and serve others. The work itself knows no clock and no loop.
 */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** How long work shares a loop with others. */
export interface Pace {
  /** The piece in hand has had its time. Cheap: it is asked after each step. */
  readonly isOver: () => boolean;
  /** Waits until it is the next piece's turn. */
  readonly rest: () => Promise<void>;
}

/** Runs all of it at once. */
export const runAtOnce = <T>(work: Sliced<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

/** Runs it, and rests whenever a piece has had its time. */
export const runPaced = async <T>(work: Sliced<T>, pace: Pace): Promise<T> => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (pace.isOver()) await pace.rest();
  }
};
