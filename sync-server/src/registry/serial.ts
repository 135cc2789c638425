/** Runs tasks of one key one after another; tasks of different keys side by side. */
export interface Serial {
  readonly run: <T>(key: string, task: () => Promise<T>) => Promise<T>;
}

export const createSerial = (): Serial => {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run: async (key, task) => {
      const before = tails.get(key) ?? Promise.resolve();
      // whether the task before failed is its own caller's concern
      const mine = before.then(task, task);
      tails.set(key, mine);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === mine) tails.delete(key);
      }
    },
  };
};
