interface Waiting {
  readonly grant: () => void;
}

/** Web Locks of one browser, exclusive ones only, with stealing: as the specification has them. */
export const createFakeLocks = () => {
  const queues = new Map<string, Waiting[]>();
  const holders = new Map<string, { readonly rob: () => void }>();

  const next = (name: string): void => {
    if (holders.has(name)) return;
    queues.get(name)?.shift()?.grant();
  };

  const request = (
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    hold: () => Promise<void>,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const aborted = () => reject(new DOMException('the request was given up', 'AbortError'));
      const grant = (): void => {
        let robbed = false;
        const holder = {
          rob: () => {
            robbed = true;
            reject(new DOMException('the lock was stolen', 'AbortError'));
          },
        };
        holders.set(name, holder);
        void hold().then(() => {
          if (robbed) return;
          holders.delete(name);
          resolve();
          next(name);
        });
      };
      if (options.steal === true) {
        holders.get(name)?.rob();
        return grant();
      }
      const waiting: Waiting = { grant };
      const queue = queues.get(name) ?? [];
      queues.set(name, [...queue, waiting]);
      options.signal?.addEventListener('abort', () => {
        const now = queues.get(name) ?? [];
        if (!now.includes(waiting)) return;
        queues.set(
          name,
          now.filter((it) => it !== waiting),
        );
        aborted();
      });
      next(name);
    });

  return { request } as unknown as LockManager;
};
