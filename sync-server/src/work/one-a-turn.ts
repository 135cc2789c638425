/**
 * One line for all who ask: in each turn of the event loop one of them goes on, whoever waited longest. No timers: two whose timers are
 * due by each other's end would go on in one turn, and nothing that arrives would be heard.
 *
 * @param afterTurn runs something when everything that has arrived in this turn of the event loop has been looked at
 * @param onTurn somebody goes on now
 */
export const createOneATurn = (
  afterTurn: (run: () => void) => void,
  onTurn: () => void = () => {},
): (() => Promise<void>) => {
  let waiting: (() => void)[] = [];
  let next = 0;

  const goOn = (): void => {
    const resolve = waiting[next++];
    if (next < waiting.length) afterTurn(goOn);
    else {
      waiting = [];
      next = 0;
    }
    onTurn();
    resolve?.();
  };

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length - next === 1) afterTurn(goOn);
    });
};
