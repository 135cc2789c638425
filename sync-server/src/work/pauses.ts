/** Resolves when the piece of work that asked may go on. */
export type Pause = () => Promise<void>;

/**
 * Between two pieces of long work. All of the relay's long work shares one line: in each turn of the event loop one piece goes on,
 * whoever waited longest, so that ten imports at once hold it for as long as one does. No timers: two pieces whose timers are
 * due by each other's end would run on in one turn, and nothing that arrives would be heard.
 *
 * @param afterTurn runs something when everything that has arrived in this turn of the event loop has been looked at
 */
export const createPauses = (afterTurn: (run: () => void) => void): Pause => {
  let waiting: (() => void)[] = [];
  let next = 0;

  const goOn = (): void => {
    const resolve = waiting[next++];
    if (next < waiting.length) afterTurn(goOn);
    else {
      waiting = [];
      next = 0;
    }
    resolve?.();
  };

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length - next === 1) afterTurn(goOn);
    });
};
