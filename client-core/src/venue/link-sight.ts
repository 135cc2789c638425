import type { Lacking, LinkedEvent, StreamBody } from '@baton/schema/http';
import type { EventId, StreamId } from '@baton/schema/ids';
import type { Clock } from '@baton/schema/ports';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { RelayConflict } from './conflict-alarms.ts';
import type { DocBridge } from './doc-bridge.ts';
import { type BySide, otherSide, type Side } from './link-state.ts';

/** Streams as each relay listed them last; null: not yet. */
export type SeenStreams = BySide<readonly StreamBody[] | null>;

const lackingOf = (at: (side: Side) => number | null): Lacking => ({ venue: at('here'), upstream: at('there') });

const countsOf = (streams: readonly StreamBody[]): ReadonlyMap<StreamId, number> =>
  new Map(streams.map(({ streamId, counters }) => [streamId, counters.accepted]));

/** Reads that each relay lacks. Streams whose copies differ are left out: nothing would ever make their counts the same. */
export const missingReads = (seen: SeenStreams, conflicts: readonly RelayConflict[]): Lacking => {
  const differing = new Set(conflicts.map(({ streamId }) => streamId));
  return lackingOf((side) => {
    const [own, others] = [seen[side], seen[otherSide(side)]];
    if (own === null || others === null) return null;
    const held = countsOf(own);
    return others.reduce((sum, { streamId, counters }) => {
      return differing.has(streamId) ? sum : sum + Math.max(0, counters.accepted - (held.get(streamId) ?? 0));
    }, 0);
  });
};

export const unsavedDocuments = (documents: readonly Pick<DocBridge, 'lacks'>[]): Lacking =>
  lackingOf((side) => {
    const known = documents.map((document) => document.lacks()[side]);
    return known.length === 0 || known.includes(null) ? null : known.filter((lacks) => lacks === true).length;
  });

export type LinkedState = 'connected' | 'away' | 'refused' | 'ended';

/** What is so with one event, and why not otherwise. */
export interface LinkedNow {
  readonly state: LinkedState;
  readonly cause: string | null;
}

/**
 * @param session with the relay elsewhere
 * @param failure why it could not be asked last; null: it could
 */
export const linkedNow = (isJoined: boolean, session: ConnectionState, failure: string | null): LinkedNow => {
  if (isJoined) return { state: 'connected', cause: null };
  if (session.type === 'stopped') return { state: 'refused', cause: session.reason };
  return { state: 'away', cause: failure ?? (session.type === 'waiting' ? session.reason : null) };
};

/** Notes since when it is so. */
export const createLinkedSince = (clock: Clock) => {
  let state: LinkedState = 'away';
  let since = clock.now();
  return (now: LinkedNow): LinkedNow & { readonly since: number } => {
    if (now.state !== state) {
      state = now.state;
      since = clock.now();
    }
    return { ...now, since };
  };
};

export const linkedEvent = (
  eventId: EventId,
  now: LinkedNow & { readonly since: number },
  parts: {
    readonly seen: SeenStreams;
    readonly documents: readonly Pick<DocBridge, 'lacks'>[];
    readonly conflicts: readonly RelayConflict[];
  },
): LinkedEvent => ({
  eventId,
  ...now,
  missingReads: missingReads(parts.seen, parts.conflicts),
  unsavedDocuments: unsavedDocuments(parts.documents),
  conflicts: parts.conflicts.length,
});
