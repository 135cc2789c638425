import { createLatch } from './latch.ts';

/** Tells a page when it freezes and when it runs again. Returns the way to stop. */
export type OnLifecycle = (listener: (event: 'frozen' | 'resumed') => void) => () => void;

export interface WriterLock {
  readonly isHeld: () => boolean;
  readonly close: () => void;
}

export interface WriterLockDeps {
  /** Null on plain http: then every tab writes, which costs bytes and harms nothing. */
  readonly locks: LockManager | null;
  readonly onLifecycle: OnLifecycle;
}

/**
 * One tab of a browser writes what comes from the relay. Another takes over when it closes, dies, or is
 * frozen: a frozen page cannot write, so it gives the lock back and asks again when it runs.
 */
export const holdWriterLock = (deps: WriterLockDeps, name: string, onTaken: () => void): WriterLock => {
  let held = false;
  let leave: (() => void) | null = null;

  const ask = (locks: LockManager): void => {
    const asking = new AbortController();
    const released = createLatch();
    leave = () => {
      held = false;
      leave = null;
      asking.abort();
      released.open();
    };
    const hold = (): Promise<void> => {
      if (asking.signal.aborted) return Promise.resolve();
      held = true;
      onTaken();
      return released.opened;
    };
    // rejects when it is given up before it came
    locks.request(name, { signal: asking.signal }, hold).catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
      held = false;
    });
  };

  const { locks } = deps;
  if (locks === null) {
    return { isHeld: () => true, close: () => {} };
  }
  const stop = deps.onLifecycle((event) => {
    if (event === 'frozen') leave?.();
    else if (leave === null) ask(locks);
  });
  ask(locks);
  return {
    isHeld: () => held,
    close: () => {
      stop();
      leave?.();
    },
  };
};
