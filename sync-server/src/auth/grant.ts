import type { EventId, NodeId, TokenId } from '@baton/schema/ids';
import type { TokenRecord } from '../storage/records.ts';
export interface Grant {
  readonly role: TokenRecord['role'];
  /** Null: the admin token given at start, not a record. */
  readonly tokenId: TokenId | null;
  /** Null for admin: every event. */
  readonly eventId: EventId | null;
  readonly nodeId: NodeId | null;
  readonly label: string | null;
  readonly expiresAt: number | null;
}
