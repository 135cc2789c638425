import type { Refusal } from '@baton/schema/errors';
import type { EventId, NodeId, StreamId, TokenId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { Pair } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import type * as Y from 'yjs';
import type { Rosters } from './http/rosters.ts';
import type { Setups } from './http/setups.ts';
import type { Quotas } from './limits/quotas.ts';
import type { Attachments } from './nodes/attachments.ts';
import type { Spectators } from './spectators/spectators.ts';
import type {
  AttachmentRecord,
  CursorRecord,
  EpochRecord,
  EventRecord,
  StreamCounters,
  StreamRecord,
  TokenRecord,
} from './storage/records.ts';
import type { AppendCommand, AppendReply, Change, NodeKey, StoredBatch } from './storage/store.ts';
import type { LiveSubscriptions } from './subscriptions/live-subscriptions.ts';
import type { PeerSocket } from './transport/peer-socket.ts';
import type { Pause } from './work/pauses.ts';

/**
 * What the parts of a relay see of each other. HTTP routes, sockets and sessions are written
 * against these; `relay.ts` builds the real ones.
 */
export interface RelayCore {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly docs: DocRooms;
  readonly nodes: NodePresence;
  readonly attachments: Attachments;
  readonly connections: Connections;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly spectators: Spectators;
  readonly live: LiveSubscriptions;
  readonly quotas: Quotas;
  readonly access: Access;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Between two pieces of long work. */
  readonly pause: Pause;
  readonly ids: Ids;
  readonly journal: Log;
}

/** The relay's small records: answered from memory, changed only after the disk has them. */
export interface Registry {
  readonly events: () => readonly EventRecord[];
  readonly event: (eventId: EventId) => EventRecord | undefined;
  readonly tokens: () => readonly TokenRecord[];
  readonly token: (tokenId: TokenId) => TokenRecord | undefined;
  readonly tokenByHash: (hash: string) => TokenRecord | undefined;
  readonly streams: (eventId: EventId) => readonly StreamRow[];
  readonly stream: (streamId: StreamId) => StreamRow | undefined;
  /** Epochs with a record (reads, or once current), ascending. */
  readonly epochs: (streamId: StreamId) => readonly EpochRecord[];
  readonly epoch: (pair: Pair) => EpochRecord | undefined;
  readonly cursors: (receiverId: NodeId) => readonly CursorRecord[];
  readonly attachment: (node: NodeKey) => AttachmentRecord | undefined;
  readonly attachments: () => readonly AttachmentRecord[];
  /** Of one node, in every event. */
  readonly attachmentsOf: (nodeId: NodeId) => readonly AttachmentRecord[];
  /** Durable first, then visible in memory, then listeners are told. */
  readonly change: (changes: readonly Change[]) => Promise<Result<void, Refusal>>;
  /**
   * Changes a stream's record by what it is at that moment; edits of one stream come one after another, so that none
   * overwrites what another has just stored. Null leaves it as it is.
   */
  readonly editStream: (
    streamId: StreamId,
    edit: (stream: StreamRow) => StreamRecord | null,
  ) => Promise<Result<void, Refusal>>;
  /** Called after each change that is visible: records changed, or a stream has reads of a new epoch. Returns the way to stop. */
  readonly onChange: (listener: (changes: readonly Change[]) => void) => () => void;
}

export interface StreamRow extends StreamRecord, StreamCounters {}

/** The append-only arrays of reads. */
export interface ReadLog {
  /** Resolves once durable or refused. */
  readonly append: (command: AppendCommand) => Promise<AppendReply>;
  /** Highest durable seq of a pair; 0 when unknown. */
  readonly head: (pair: Pair) => number;
  /** Whether the reads of a pair lie in a file and no more here: asking for them throws `EpochArchivedError`. */
  readonly isArchived: (pair: Pair) => boolean;
  /**
   * Batches after `afterSeq`, the first one cut so that it begins at `afterSeq + 1`. Empty when there is
   * nothing newer. Recent batches come from memory, older ones from the store; at most about `maxReads`.
   */
  readonly read: (pair: Pair, afterSeq: number, maxReads: number) => Promise<readonly StoredBatch[]>;
  /** Seals a past epoch whose forwarder says it ended at `seq`, once all of it is here; else does nothing. */
  readonly seal: (pair: Pair, seq: number) => Promise<void>;
  /** Called after each durable append that stored something. Returns the way to stop. */
  readonly onAppended: (listener: (pair: Pair, head: number) => void) => () => void;
  /** Called when an epoch has been sealed and the registry knows its hash. Returns the way to stop. */
  readonly onSealed: (listener: (pair: Pair) => void) => () => void;
}

/** Yjs documents by name, each loaded once and freed when nobody holds it. */
export interface DocRooms {
  /** Loads (single flight) and holds a document; `release` it when done. Only names that `parseDocName` took. */
  readonly hold: (name: string) => Promise<HeldDoc>;
  /** A connection to `/docs/<name>`; it is closed with its reason when it may not be. */
  readonly join: (socket: PeerSocket, request: DocJoin) => void;
  /** Number of documents in memory. */
  readonly size: () => number;
  /** Number of connections to documents. */
  readonly sockets: () => number;
  /** Called after each change of any document, with its name. Returns the way to stop. */
  readonly onChange: (listener: (name: string) => void) => () => void;
  readonly close: () => Promise<void>;
}

export interface DocJoin {
  /** What follows `/docs/` in the request's path, as it came. */
  readonly name: string;
  readonly grant: Grant;
  /** It offered the subprotocol `baton.v1`: it is told what is on disk. */
  readonly confirmsSaves: boolean;
  /** It said that it brings what others wrote. */
  readonly isLink: boolean;
}

export interface HeldDoc {
  readonly name: string;
  /** The document as it is now: another object after it had to be read again from disk. Changed by `edit` only. */
  readonly doc: Y.Doc;
  /** Runs a change by the relay itself; resolves when it is durable. Other holders see it at once. */
  readonly edit: (change: (doc: Y.Doc) => void) => Promise<Result<void, Refusal>>;
  /** Called after each applied update, by whomever. */
  readonly onUpdate: (listener: () => void) => () => void;
  readonly release: () => void;
}

/** Who is attached right now. */
export interface NodePresence {
  /** Whether a forwarder's session is open. */
  readonly isAttached: (nodeId: NodeId) => boolean;
  /** Whether a forwarder can be commanded: attached here, or where a link leads that is attached to this event. */
  readonly isReached: (nodeId: NodeId, eventId: EventId) => boolean;
  readonly nodes: (eventId: EventId) => readonly AttachedNode[];
  /** State of a reader as its forwarder last told; undefined when never. */
  readonly readerState: (streamId: StreamId) => ReaderState | undefined;
  /** How often an open session of the node was taken over by a newer one, since the relay started. */
  readonly takeovers: (nodeId: NodeId) => Takeovers;
  /** The node attached anew without a session: an open one is fenced. */
  readonly fence: (nodeId: NodeId, at: number) => void;
  /** Ends the node's session in this event, telling it why. */
  readonly dismiss: (nodeId: NodeId, eventId: EventId, why: Refusal | null) => void;
  /** Called when a link to another relay has come to an event, or gone. Returns the way to stop. */
  readonly onLinks: (listener: (eventId: EventId) => void) => () => void;
  /** Sends `epochCommand` to the forwarder's session, or into that of a link to it; false when there is none. */
  readonly commandEpoch: (streamId: StreamId, epoch: number) => boolean;
}

/** Every open socket of the relay, whatever it speaks. */
export interface Connections {
  /** Ends every open connection of a token (4401). */
  readonly dropToken: (tokenId: TokenId) => void;
  /** Ends every open connection whose token stands for this node (4403). */
  readonly dropNode: (node: NodeKey, reason: string) => void;
  /** Open sockets by role. */
  readonly countByRole: () => ReadonlyMap<TokenRecord['role'], number>;
  /** What sockets were sent and the network has not taken, by role. */
  readonly unsentByRole: () => ReadonlyMap<TokenRecord['role'], Unsent>;
  /** Open sockets by token; those of the admin token given at start are left out. */
  readonly countByToken: () => ReadonlyMap<TokenId, number>;
  /** Open sockets of one token, and of one event's tokens; known without counting. */
  readonly ofToken: (tokenId: TokenId) => number;
  readonly ofEvent: (eventId: EventId) => number;
}

export interface Unsent {
  readonly bytes: number;
  /** Sockets that take so little that they are sent nothing more before they do. */
  readonly slow: number;
}

export interface ReaderState {
  readonly connected: boolean;
  readonly lastLineAt: number | null;
  readonly linesPerSecond: number;
  /** Reader's clock minus forwarder's clock in ms at the last line; null when unknown. */
  readonly clockOffsetMs: number | null;
  readonly unparsable: number;
  readonly journalHead: number;
}

export interface Takeovers {
  readonly count: number;
  readonly lastAt: number | null;
}

export interface AttachedNode {
  readonly nodeId: NodeId;
  readonly eventId: EventId;
  readonly role: TokenRecord['role'];
  readonly label: string | null;
  readonly clientVersion: string;
  readonly attachedAt: number;
  readonly lastHeartbeatAt: number;
  /** What a receiver has selected last, if anything. */
  readonly selectedRaceId: string | null;
}

/** Tokens to grants, and what a grant may do. */
export interface Access {
  /**
   * From `Authorization` or a bearer subprotocol; `UNAUTHORIZED` when absent, unknown or expired, `RATE_LIMITED` when
   * too many wrong ones came from `address`, that of the peer.
   */
  readonly authenticate: (secret: string | null, address?: string) => Result<Grant, Refusal>;
  /** Whether a grant given before still stands: not revoked, not expired. */
  readonly holds: (grant: Grant) => boolean;
  /** When the token was last offered; null: not since the relay started. */
  readonly lastUsedAt: (tokenId: TokenId) => number | null;
  /** A new random secret with its hash; the secret is shown once. */
  readonly mint: () => { readonly secret: string; readonly hash: string };
}

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
