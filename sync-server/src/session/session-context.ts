import type { Refusal } from '@baton/schema/errors';
import type { DownMessage } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { RelayCore } from '../relay-core.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import type { EventViews } from './event-view.ts';
import type { Presence, SessionHandle } from './presence.ts';
import type { PumpIndex } from './pump-index.ts';

export interface SessionTimers {
  readonly heartbeatMs: number;
  readonly degradedMs: number;
  readonly offlineMs: number;
}

/** What every session of a relay shares. */
export interface SessionDeps {
  readonly core: Pick<
    RelayCore,
    'registry' | 'attachments' | 'log' | 'quotas' | 'clock' | 'timers' | 'ids' | 'journal'
  >;
  readonly presence: Presence;
  readonly views: EventViews;
  readonly pumps: PumpIndex;
  readonly timers: SessionTimers;
  /** Runs after what the present turn of the event loop still brings. */
  readonly afterTurn: (run: () => void) => void;
  readonly onRefusal: OnRefusal;
}

/** One session, as its parts act on it. */
export interface SessionContext {
  readonly deps: SessionDeps;
  readonly sessionId: string;
  readonly grant: Grant;
  readonly handle: SessionHandle;
  readonly socket: PeerSocket;
  readonly send: (message: DownMessage) => void;
  /** Tells the peer; the session goes on. */
  readonly refuse: (refusal: Refusal) => void;
  /** Counts and logs what the peer is told in another way. */
  readonly noteRefusal: (code: string) => void;
  /** Tells the peer and ends the session. */
  readonly fail: (refusal: Refusal, closeCode: number) => void;
  /** Logs a defect, tells the peer no internals, ends the session. */
  readonly defect: (error: unknown) => void;
  /** Ends without an error. */
  readonly end: (closeCode: number, reason: string) => void;
  /** False once fenced, revoked or closed: nothing may be written any more. */
  readonly mayWrite: () => boolean;
}
