import { z } from 'zod';
import { NodeId } from '../ids.ts';
import type { Capabilities } from './node.ts';

/** Name of the capability by which a node is a link between two relays. */
export const RELAY_CAPABILITY = 'relay';

/** Offered beside `baton.v1` on `/docs/<name>` by a link: what it brings was written by others. Never answered. */
export const LINK_SUBPROTOCOL = 'baton.relay';

/**
 * What a link between two relays says of the one at its other end, seen from the relay it says it to. `venue`: that is
 * where the race is; `upstream`: where it is shown.
 */
export const RelayNode = z.object({
  side: z.enum(['venue', 'upstream']),
  /** Forwarders that are attached at the other end right now: there their streams are written. */
  forwarders: z.array(NodeId).max(1000),
});
export type RelayNode = z.infer<typeof RelayNode>;

/** Null: the node is no link, or one of a later version that says it otherwise. */
export const relayNodeOf = (capabilities: Capabilities): RelayNode | null =>
  RelayNode.safeParse(capabilities[RELAY_CAPABILITY]).data ?? null;
