import { z } from 'zod';
import { EventId, NodeId } from '../ids.ts';

/** MAJOR.MINOR, decimal, no leading zeros. */
export const ClientVersion = z.string().regex(/^(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})$/, 'expected MAJOR.MINOR');

/** What a node can do: name → any JSON value; replaced as a whole. At most 64 names. */
export const Capabilities = z
  .record(z.string().min(1).max(64), z.json())
  .refine((it) => Object.keys(it).length <= 64, 'expected at most 64 capabilities');
export type Capabilities = z.infer<typeof Capabilities>;

/** What a node may claim of itself; the rest the relay derives from silence. */
export const ClaimedHealth = z.enum(['online', 'degraded']);
export type ClaimedHealth = z.infer<typeof ClaimedHealth>;

export const NodeState = z.enum(['registering', 'online', 'degraded', 'offline', 'revoked']);
export type NodeState = z.infer<typeof NodeState>;

/** The fields by which a node attaches, on `/sync` and on `POST /nodes/attach`. */
export const AttachFields = {
  eventId: EventId,
  nodeId: NodeId,
  clientVersion: ClientVersion,
  capabilities: Capabilities,
  health: ClaimedHealth,
} as const;
