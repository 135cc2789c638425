import type { EventId, NodeId, StreamId, TokenId } from '@baton/schema/ids';
import type { Capabilities } from '@baton/schema/protocol';

/**
 * The relay's own records: small, loaded whole at start, changed only by durable commits.
 * Times are milliseconds since the Unix epoch by the relay's clock.
 */

export type EventStatus = 'draft' | 'startlist' | 'running' | 'finished' | 'official';

export interface EventRecord {
  readonly eventId: EventId;
  readonly title: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** IANA name, for reader-local times. */
  readonly timezone: string;
  readonly location: string | null;
  readonly status: EventStatus;
  readonly statusChangedAt: number;
  /** MAJOR.MINOR, or null: every version may write. */
  readonly minClientVersion: string | null;
  readonly createdAt: number;
}

export type Role = 'admin' | 'operator' | 'receiver' | 'forwarder' | 'viewer';

export interface TokenRecord {
  readonly tokenId: TokenId;
  /** SHA-256 of the secret, hex; the secret itself is stored nowhere. */
  readonly hash: string;
  readonly role: Role;
  /** Null only for `admin`. */
  readonly eventId: EventId | null;
  /** Set for `forwarder` and `receiver`. */
  readonly nodeId: NodeId | null;
  readonly label: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export interface StreamRecord {
  readonly streamId: StreamId;
  readonly eventId: EventId;
  readonly forwarderId: NodeId;
  readonly reader: string;
  /** Only rises. */
  readonly currentEpoch: number;
  /** Epoch commanded and not yet confirmed by the forwarder's journal, else null. */
  readonly commandedEpoch: number | null;
  readonly createdAt: number;
}

/** Read counts of a stream, kept in the append transaction. */
export interface StreamCounters {
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

export interface EpochRecord {
  readonly streamId: StreamId;
  readonly epoch: number;
  /** Highest seq stored = number of reads. */
  readonly head: number;
  /** Smallest and greatest `receivedAt`; null without reads. */
  readonly firstReadAt: number | null;
  readonly lastReadAt: number | null;
  /** Set once the forwarder said how it ended and all of it is here. */
  readonly sealed: boolean;
  /** SHA-256 over every raw line and LF, in order, hex; set when sealed. */
  readonly hash: string | null;
  /** Its reads were archived to a file and dropped: nobody may be told that there are none. Only of sealed epochs. */
  readonly archived: boolean;
}

export interface CursorRecord {
  readonly receiverId: NodeId;
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly seq: number;
}

/**
 * - `attached`: it holds its place; at most one such record a node, whatever the event
 * - `detached`: it left, or its place was given to an attachment elsewhere
 * - `revoked`: for good
 */
export type Standing = 'attached' | 'detached' | 'revoked';

/** What the relay remembers of a node in an event. How well it is, is derived from heartbeats and stored nowhere. */
export interface AttachmentRecord {
  readonly attachmentId: string;
  readonly nodeId: NodeId;
  readonly eventId: EventId;
  readonly role: Role;
  readonly label: string | null;
  /** MAJOR.MINOR, as its last hello told it. */
  readonly clientVersion: string;
  readonly capabilities: Capabilities;
  /** It has said since it attached what it can do. */
  readonly declared: boolean;
  readonly standing: Standing;
  /** How often it has attached; tells one attachment of the same record from the next. */
  readonly attaches: number;
  readonly attachedAt: number;
}

/**
 * - `external-result`: what another timing system says of a bib
 * - `official`: how the official results came to be
 * - `official-rows`: a piece of a list that is official
 * - `official-starters`: a piece of a start list of that moment
 */
export type FactKind = 'external-result' | 'official' | 'official-rows' | 'official-starters';

/** Belongs to an event, and is read from disk when it is wanted. What the bytes mean is its user's to know. */
export interface EventFact {
  readonly eventId: EventId;
  readonly kind: FactKind;
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What an event (`event/<id>`) or a token (`token/<id>`) has brought: bytes by the hour since the Unix epoch, oldest first. */
export interface DayUseRecord {
  readonly owner: string;
  readonly hours: readonly { readonly hour: number; readonly bytes: number }[];
}

/** Bytes of an event's reads, documents and facts as they lie on disk, without indexes and free pages. */
export interface EventSize {
  readonly eventId: EventId;
  readonly bytes: number;
}

/** Everything the relay keeps in memory, as read at start. */
export interface RelayRecords {
  readonly events: readonly EventRecord[];
  readonly tokens: readonly TokenRecord[];
  readonly streams: readonly (StreamRecord & StreamCounters)[];
  readonly epochs: readonly EpochRecord[];
  readonly cursors: readonly CursorRecord[];
  readonly attachments: readonly AttachmentRecord[];
  readonly dayUses: readonly DayUseRecord[];
}
