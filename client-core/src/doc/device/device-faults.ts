import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { DeviceFault } from '../local-copy.ts';
import { faultOf } from './device-fault.ts';

/** What is wrong with a copy now, until it is over. */
export interface DeviceFaults {
  readonly current: () => DeviceFault | null;
  readonly set: (fault: DeviceFault) => void;
  /** A write failed: it is tried again after a while. */
  readonly fail: (error: unknown) => void;
  readonly clear: () => void;
  /** Nothing changes any more. */
  readonly close: () => void;
}

/** After a failed write; an edit tries at once. */
const RETRY_MS = 5000;

export const createDeviceFaults = (
  deps: { readonly timers: Timers; readonly log: Log },
  name: string,
  events: { readonly onChange: () => void; readonly onRetry: () => void },
): DeviceFaults => {
  let current: DeviceFault | null = null;
  let retry: Timer | null = null;
  let closed = false;

  const show = (next: DeviceFault | null): void => {
    if (closed || current?.type === next?.type) return;
    current = next;
    if (next !== null) deps.log.warn('this device does not keep a document', { document: name, ...next });
    events.onChange();
  };

  return {
    current: () => current,
    set: show,
    fail: (error) => {
      show(faultOf(error));
      retry?.clear();
      if (!closed) retry = deps.timers.after(RETRY_MS, events.onRetry);
    },
    clear: () => show(null),
    close: () => {
      closed = true;
      retry?.clear();
    },
  };
};
