import type { Timer, Timers } from '@baton/schema/ports';

/** From one message with updates of documents to the next. */
export const GATHER_MS = 10;

/** When calls are posted to the store's thread. */
export interface Gathering {
  /** A call waits to be posted: at the end of this turn of the event loop, or, an update soon after others, a little later. */
  readonly added: (isUpdate: boolean) => void;
}

/**
 * Joins the updates of documents that come one after another in a storm: a message there and back, and a commit, cost
 * several times the CPU of one more update in them, much of it in the sync. An update after a pause is posted at once, and so is
 * whatever else is asked, with all that waits before it.
 */
export const gatherUpdates = (
  timers: Pick<Timers, 'after' | 'mono'>,
  afterTurn: (run: () => void) => void,
  post: () => void,
): Gathering => {
  let atEndOfTurn = false;
  let waiting: Timer | null = null;
  let hasUpdates = false;
  let updatesAt = Number.NEGATIVE_INFINITY;

  const postAll = (): void => {
    waiting?.clear();
    waiting = null;
    atEndOfTurn = false;
    if (hasUpdates) updatesAt = timers.mono();
    hasUpdates = false;
    post();
  };

  const left = (): number => updatesAt + GATHER_MS - timers.mono();

  return {
    added: (isUpdate) => {
      hasUpdates ||= isUpdate;
      if (atEndOfTurn || (isUpdate && waiting !== null)) return;
      const wait = isUpdate ? left() : 0;
      if (wait > 0) waiting = timers.after(wait, postAll);
      else {
        atEndOfTurn = true;
        afterTurn(postAll);
      }
    },
  };
};
