import type { Dispatcher } from './dispatcher.ts';

/**
 * Commands of the same key one after the other: a dead letter that is retried and the same command tried by its manager, after a
 * crash, must not run at once. Of different keys they run side by side.
 */
export const oneAtATime = (dispatch: Dispatcher): Dispatcher => {
  const running = new Map<string, Promise<unknown>>();
  return async (command, signal) => {
    for (let other = running.get(command.key); other !== undefined; other = running.get(command.key)) await other;
    const mine = dispatch(command, signal);
    // whoever waits only waits for its end; how it ended is told to the one who asked
    const over = mine.then(
      () => {},
      () => {},
    );
    running.set(command.key, over);
    try {
      return await mine;
    } finally {
      running.delete(command.key);
    }
  };
};
