import type { Timer, Timers } from '@baton/schema/ports';
import type { NumberedCall } from './worker-messages.ts';

/** From one commit of documents' updates to the next. */
export const GATHER_MS = 10;

const isUpdate = ({ call }: NumberedCall): boolean => call.type === 'appendDoc';

/**
 * Joins the updates of documents that come one after another in a storm: a commit costs about ten times the CPU of one more
 * update in it, most of it in the sync. An update after a pause is served at once, and so is whatever else is asked, with all
 * that waits before it.
 */
export const gatherUpdates = (
  timers: Pick<Timers, 'after' | 'mono'>,
  serve: (calls: readonly NumberedCall[]) => void,
): ((calls: readonly NumberedCall[]) => void) => {
  let held: NumberedCall[] = [];
  let waiting: Timer | null = null;
  let servedAt = Number.NEGATIVE_INFINITY;

  const serveAll = (): void => {
    waiting?.clear();
    waiting = null;
    const calls = held;
    held = [];
    if (calls.some(isUpdate)) servedAt = timers.mono();
    serve(calls);
  };

  return (calls) => {
    held.push(...calls);
    const left = servedAt + GATHER_MS - timers.mono();
    if (left > 0 && calls.every(isUpdate)) waiting ??= timers.after(left, serveAll);
    else serveAll();
  };
};
