import type { Log } from '@baton/schema/ports';

export interface Listeners<T> {
  readonly add: (listener: (value: T) => void) => () => void;
  readonly tell: (value: T) => void;
}

/** What is told has happened whatever a listener does with it: one that throws is logged, the others are told. */
export const createListeners = <T>(log: Log): Listeners<T> => {
  const listeners = new Set<(value: T) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (value) => {
      for (const listener of listeners) {
        try {
          listener(value);
        } catch (error) {
          log.error('a listener of the replica failed', { error: String(error) });
        }
      }
    },
  };
};
