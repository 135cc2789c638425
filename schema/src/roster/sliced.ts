/**
 * Long work in pieces of a few milliseconds: it yields between them, so that whoever runs it can serve
 * others meanwhile. The work itself knows no clock and no loop.
 */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** Runs all of it at once. */
export const runAtOnce = <T>(work: Sliced<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

/** Runs it with a pause after each piece. */
export const runWithPauses = async <T>(work: Sliced<T>, pause: () => Promise<void>): Promise<T> => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await pause();
  }
};
