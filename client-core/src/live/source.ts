import type { VectorClock } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import type { ReadRun, SetupItem } from './consumer.ts';

/** Why a source tells nothing more. `permanent`: trying again will not help. */
export interface SourceEnd {
  readonly reason: string;
  readonly permanent: boolean;
}

/** None of these is called after `close` or after `onEnd`. */
export interface SourceEvents {
  /** `done` must be called once it has been taken in: it is what gives the source leave to send more. */
  readonly onReads: (run: ReadRun, done: () => void) => void;
  readonly onSetup: (setup: SetupItem) => void;
  /** Everything there was when the subscription began has been told; what follows is live. */
  readonly onCaughtUp: () => void;
  /** The stream ended, cleanly or not. */
  readonly onEnd: (end: SourceEnd) => void;
}

export interface SourceSubscription {
  readonly close: () => void;
}

export interface SourceFailure {
  readonly type: 'source-failed';
  readonly message: string;
}

/** Where items come from. One subscription serves all consumers; a pull is apart from it. */
export interface LiveSource {
  /** One stream of items behind `from`: history, then live, with one cut between them. It does not reconnect by itself. */
  readonly subscribe: (from: VectorClock, events: SourceEvents) => SourceSubscription;
  /** What there is behind `from` now, setup first; then it is over. */
  readonly pull: (from: VectorClock, take: (item: ReadRun | SetupItem) => void) => Promise<Result<void, SourceFailure>>;
  readonly close: () => Promise<void>;
}

export const isSetup = (item: ReadRun | SetupItem): item is SetupItem => 'type' in item;
