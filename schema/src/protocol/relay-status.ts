import { z } from 'zod';
import { EventId } from '../ids.ts';

/** How a relay does, as its operator's monitoring and its admin page are told. Read leniently: a later relay may say more. */

/** Why a relay cannot do what it is for. */
export const Trouble = z.object({
  /** `disk-full`, `storage-failed`, `writer-stuck`; open to readers. */
  type: z.string(),
  message: z.string(),
});
export type Trouble = z.infer<typeof Trouble>;

/** Of `/healthz`, and of `/readyz`, which says why not. */
export const HealthBody = z.object({
  status: z.enum(['ok', 'unavailable']),
  reasons: z.array(Trouble).optional(),
});
export type HealthBody = z.infer<typeof HealthBody>;

const Count = z.int().min(0);
const Bytes = Count.nullable();

/** Nodes that hold a place, by how well they are. */
const NodeCounts = z.object({ online: Count, degraded: Count, offline: Count });

export const RelayEvent = z.object({
  eventId: EventId,
  title: z.string(),
  /** YYYY-MM-DD */
  date: z.string(),
  status: z.string(),
  streams: Count,
  reads: Count,
  /** Its reads, documents and lists on disk, without indexes. */
  diskBytes: Count,
  nodes: NodeCounts,
});
export type RelayEvent = z.infer<typeof RelayEvent>;

/** What each of two linked relays lacks of the other. Null: not known, or not since the line went. */
const Lacking = z.object({ venue: Bytes, upstream: Bytes });
export type Lacking = z.infer<typeof Lacking>;

/** One event of a link. Times are milliseconds since the Unix epoch. */
export const LinkedEvent = z.object({
  eventId: EventId,
  /** `connected`, `away`, `refused` (for good), `ended` (it was deleted at one relay); open to readers. */
  state: z.string(),
  /** Since when it is so. */
  since: z.int(),
  /** Why it is not connected; null: it is, or nobody knows. */
  cause: z.string().nullable(),
  /** Reads, by the counts of streams; without a line the other relay’s are those that it had then. */
  missingReads: Lacking,
  /** Documents, deletions aside. */
  unsavedDocuments: Lacking,
  /** Epochs of which the relays hold different reads. */
  conflicts: Count,
});
export type LinkedEvent = z.infer<typeof LinkedEvent>;

/** Why a link has no events: they are asked for again all the same. */
const LinkFailure = z.object({
  /** `away` (not reached), `refused` (it does not take the token), `unusable` (it gave no list of events); open to readers. */
  kind: z.string(),
  cause: z.string(),
});
export type LinkFailure = z.infer<typeof LinkFailure>;

/** The link of a relay at the venue to the one elsewhere. */
export const LinkBody = z.object({
  /** Address of the relay elsewhere. */
  upstream: z.string(),
  /** When it was heard last. */
  heardAt: z.int().nullable(),
  /** Why there are no events; null: there are, or it was not asked yet. */
  failure: LinkFailure.nullable().default(null),
  /** Over its WebSockets, since this relay started. */
  sentBytes: Count,
  receivedBytes: Count,
  events: z.array(LinkedEvent),
});
export type LinkBody = z.infer<typeof LinkBody>;

/** Null in it: not known. */
export const RelayBody = z.object({
  version: z.string(),
  startedAt: z.int(),
  now: z.int(),
  /** Empty: it is ready. */
  troubles: z.array(Trouble),
  storage: z.object({
    reads: Count,
    dataBytes: Bytes,
    freeBytes: Bytes,
    diskBytes: Bytes,
    /** What one event may hold of it. */
    eventDiskLimit: Count,
    lastBackupAt: z.int().nullable(),
    /** Writes that wait for their sync, and for how long none was synced. */
    waitingWrites: Count,
    stillMs: z.number(),
  }),
  connections: z.object({
    /** Open WebSockets by role; spectators are one. */
    roles: z.record(z.string(), Count),
    subscriptions: Count,
    eventStreams: Count,
    documents: Count,
    documentSockets: Count,
    /** Peers who do not keep up, and bytes that wait for them and others. */
    slow: Count,
    unsentBytes: Count,
  }),
  process: z.object({
    /** Longest delay of the event loop since this was asked last, in ms. */
    loopLagMs: z.number().nullable(),
    memoryBytes: Bytes,
  }),
  /** The newest by date; `eventCount` says how many there are. */
  events: z.array(RelayEvent),
  eventCount: Count,
  /** Null: it stands alone. */
  link: LinkBody.nullable().default(null),
});
export type RelayBody = z.infer<typeof RelayBody>;
