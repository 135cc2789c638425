import { EventId } from '@baton/schema/ids';
import { z } from 'zod';
import type { DeltaType, Doc } from './shelf.ts';

/** Longest message a client may send; a longer one closes the connection (4413). */
export const MAX_MESSAGE_BYTES = 64 * 1024;

const Id = z.string().min(1).max(128);

/** What any message has; what kind of message is looked at afterwards, so that an answer can carry its id. */
export const Envelope = z.object({ id: Id.optional(), type: z.string().max(64), payload: z.unknown().optional() });

export const AuthPayload = z.object({ token: z.string().min(1).max(512) });

export const SubscribePayload = z.object({
  eventId: EventId,
  collection: z.string().max(64),
  filters: z.unknown().optional(),
  includeData: z.boolean().default(true),
  sendSnapshot: z.boolean().default(false),
  /** The place told with the last change that was taken in: goes on from there, where that is still known. */
  after: z.string().max(128).optional(),
});
export type SubscribePayload = z.infer<typeof SubscribePayload>;

export const UnsubscribePayload = z.object({ id: Id.optional() });

/** What goes to a client. `subId` is always its own. */
export type LiveMessage =
  | { readonly type: 'authAck'; readonly payload: { readonly role: string } }
  | { readonly type: 'subscribeAck'; readonly payload: { readonly subId: string; readonly resumed: boolean } }
  | { readonly type: 'unsubscribeAck'; readonly payload: { readonly subId: string } }
  | { readonly type: 'snapshot'; readonly payload: SnapshotPayload }
  | { readonly type: 'event'; readonly payload: EventPayload }
  /** What is held of it may be short: drop it. A snapshot follows where one was asked for. */
  | { readonly type: 'resync'; readonly payload: { readonly subId: string } }
  | { readonly type: 'heartbeat'; readonly payload: { readonly at: number } }
  | { readonly type: 'error'; readonly payload: ErrorPayload };

export interface SnapshotPayload {
  readonly subId: string;
  /** Each as JSON. */
  readonly documents: readonly string[];
  /** The last part. */
  readonly complete: boolean;
  /** Place of the whole snapshot, in its last part. */
  readonly place?: string;
}

export interface EventPayload {
  readonly subId: string;
  readonly delta: {
    readonly type: DeltaType;
    readonly id: string;
    readonly document?: Doc;
    /** ms since the Unix epoch. */
    readonly timestamp: number;
  };
  /** For `after`; absent where a collection cannot go on from a place. */
  readonly place?: string;
}

export interface ErrorPayload {
  readonly code: string;
  readonly message: string;
  readonly subId?: string;
}
