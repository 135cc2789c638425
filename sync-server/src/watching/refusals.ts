import type { Log, LogFields, Timers } from '@baton/schema/ports';

/** Told of everything that was refused: its code, and where and to whom, as far as the log may say it. */
export type OnRefusal = (code: string, where?: LogFields) => void;

/** Lines about refusals: a burst, and then so many a second. */
const BURST = 100;
const PER_SECOND = 10;

/** Defects and what hurts everybody are to be seen; the rest is the peer's business. */
const isGrave = (code: string): boolean => /^(?:INTERNAL|UNAVAILABLE|STORAGE_FULL|INTEGRITY_CONFLICT)/.test(code);

/**
 * A log line for each refusal. A peer that is refused all the time does not fill the disk with lines: what goes beyond
 * the allowance is counted, and the next line tells how many there were.
 */
export const createRefusalLog = ({
  journal,
  timers,
}: {
  readonly journal: Log;
  readonly timers: Timers;
}): OnRefusal => {
  let left = BURST;
  let at = timers.mono();
  let unlogged = 0;

  const mayLog = (): boolean => {
    const now = timers.mono();
    left = Math.min(BURST, left + ((now - at) / 1000) * PER_SECOND);
    at = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };

  return (code, where = {}) => {
    if (!mayLog()) {
      unlogged += 1;
      return;
    }
    const fields = { code, ...where, ...(unlogged > 0 ? { unlogged } : {}) };
    unlogged = 0;
    if (isGrave(code)) journal.warn('refused', fields);
    else journal.info('refused', fields);
  };
};

/** Everybody who wants to hear of refusals. */
export const tellAll =
  (...listeners: readonly OnRefusal[]): OnRefusal =>
  (code, where) => {
    for (const listener of listeners) listener(code, where);
  };
