import type { VenueFreshness } from '@baton/schema/feed';
import type { EventId } from '@baton/schema/ids';
import { relayNodeOf } from '@baton/schema/protocol';
import type { Attachments, NodeView } from './attachments.ts';
import type { NodePresence } from './node-presence.ts';

/** Whether what an event's relay shows may be behind what happens at the venue. */
export interface Venues {
  /** Null: no relay at the venue has ever brought anything of this event. */
  readonly of: (eventId: EventId) => VenueFreshness | null;
}

const isVenue = ({ capabilities, standing }: NodeView): boolean =>
  standing !== 'revoked' && relayNodeOf(capabilities)?.side === 'venue';

const oldest = (nodes: readonly NodeView[]): number => Math.min(...nodes.map(({ lastHeartbeatAt }) => lastHeartbeatAt));

/**
 * Of several the one that was heard longest ago speaks: somebody's results may be missing. One that left on purpose counts only
 * while there is no other.
 */
export const createVenues = (deps: {
  readonly attachments: Pick<Attachments, 'nodes'>;
  readonly nodes: Pick<NodePresence, 'nodes'>;
}): Venues => ({
  of: (eventId) => {
    const all = deps.attachments.nodes(eventId).filter(isVenue);
    const staying = all.filter(({ standing }) => standing === 'attached');
    const venues = staying.length > 0 ? staying : all;
    if (venues.length === 0) return null;
    const open = new Set(deps.nodes.nodes(eventId).map(({ nodeId }) => nodeId));
    const away = venues.filter(({ nodeId }) => !open.has(nodeId));
    return { connected: away.length === 0, heardAt: oldest(away.length === 0 ? venues : away) };
  },
});
