/** Does one thing after another, each in its own time; what is not begun can be dropped. */
export interface InTurn<T> {
  /** Begun at once when nothing is being done. */
  readonly add: (it: T) => void;
  readonly waiting: () => number;
  /** Resolves once all that was added is done. */
  readonly done: () => Promise<void>;
  /** Forgets what waits; resolves when what has begun is done. */
  readonly drop: () => Promise<void>;
}

/** `run` never rejects: what fails is its own concern. */
export const createInTurn = <T>(run: (it: T) => Promise<void>): InTurn<T> => {
  let waiting: T[] = [];
  let running: Promise<void> | null = null;

  const runAll = async (): Promise<void> => {
    for (let it = waiting.shift(); it !== undefined; it = waiting.shift()) await run(it);
    running = null;
  };

  return {
    add: (it) => {
      waiting.push(it);
      running ??= runAll();
    },
    waiting: () => waiting.length,
    done: () => running ?? Promise.resolve(),
    drop: async () => {
      waiting = [];
      await running;
    },
  };
};
