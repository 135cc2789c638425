import { createLatch } from '../../doc/device/latch.ts';

/** A tab's place at the lock of one replica. */
export interface OwnerLock {
  /** Waits for it in the queue. */
  readonly ask: () => void;
  /** Leaves the queue and takes it from whoever has it. */
  readonly steal: () => void;
  /** Gives it back, or leaves the queue. */
  readonly release: () => void;
}

export interface OwnerLockEvents {
  readonly onGranted: () => void;
  /** Another tab stole it. */
  readonly onRobbed: () => void;
}

/** @param locks null where the browser has none (plain http): then every tab is alone, and keeps nothing on the device */
export const createOwnerLock = (locks: LockManager | null, name: string, events: OwnerLockEvents): OwnerLock => {
  let leave: (() => void) | null = null;

  const release = (): void => {
    leave?.();
    leave = null;
  };

  const request = (manager: LockManager, steal: boolean): void => {
    release();
    const asking = new AbortController();
    const released = createLatch();
    let [left, held] = [false, false];
    leave = () => {
      left = true;
      asking.abort();
      released.open();
    };
    const hold = (): Promise<void> => {
      if (left) return Promise.resolve();
      held = true;
      events.onGranted();
      return released.opened;
    };
    // rejects when the wait is given up, and when the lock is stolen
    manager.request(name, steal ? { steal } : { signal: asking.signal }, hold).catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
      if (held && !left) events.onRobbed();
    });
  };

  return {
    ask: () => (locks === null ? events.onGranted() : request(locks, false)),
    steal: () => {
      if (locks !== null) request(locks, true);
    },
    release,
  };
};
