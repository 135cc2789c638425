import type { Log, Timer, Timers } from '@baton/schema/ports';
import { CLIENT_VERSION, type PushOutcome } from '@baton/schema/protocol';

export interface VersionFloorDeps {
  readonly timers: Timers;
  readonly log: Log;
  /** Ends the session and greets the relay anew. */
  readonly askAgain: (reason: string) => void;
}

/**
 * Knows whether the relay takes writes from this version. A forwarder below the event's floor goes on journalling and
 * stays attached, so that the operator sees it; now and then it asks again, since only a new greeting tells.
 */
export interface VersionFloorWatch {
  readonly welcomed: (readOnly: boolean) => void;
  readonly answered: (outcomes: readonly PushOutcome[]) => void;
  /** The session is over; the next welcome will tell. */
  readonly left: () => void;
  readonly isReadOnly: () => boolean;
}

/** A floor never goes down; one that was set by mistake can only be put right at the relay. */
export const ASK_AGAIN_MS = 300_000;

export const watchVersionFloor = ({ timers, log, askAgain }: VersionFloorDeps): VersionFloorWatch => {
  let readOnly = false;
  let asking: Timer | null = null;

  const forbid = (): void => {
    readOnly = true;
    log.error('the relay takes no reads from this version of Baton; they stay in the journal until it is updated', {
      version: CLIENT_VERSION,
    });
    asking?.clear();
    asking = timers.after(ASK_AGAIN_MS, () => askAgain('asking again whether this version may write'));
  };

  return {
    welcomed: (told) => {
      readOnly = told;
      if (told) forbid();
    },
    answered: (outcomes) => {
      const below = outcomes.some((it) => it.outcome === 'refused' && it.error.code === 'VERSION_FLOOR_EXCEEDED');
      if (below && !readOnly) forbid();
    },
    left: () => {
      asking?.clear();
      asking = null;
    },
    isReadOnly: () => readOnly,
  };
};
