import type { EventId, NodeId, StreamId, TokenId } from '@baton/schema/ids';
import type { Capabilities } from '@baton/schema/protocol';
import type {
  AttachmentRecord,
  CursorRecord,
  DayUseRecord,
  EventFact,
  EventRecord,
  EventSize,
  FactKind,
  RelayRecords,
  StreamRecord,
  TokenRecord,
} from './records.ts';

/**
 * The relay's durable storage, as narrow as it can be. Every promise that changes something
 * resolves only after the change is synced to disk. One driver serves one data directory.
 * Every driver registers `testkit/store-contract`.
 */
export interface Store {
  /** All small records; called once at start. */
  readonly load: () => Promise<RelayRecords>;
  /** Changes of one call are applied together or not at all. */
  readonly commit: (changes: readonly Change[]) => Promise<ChangeReply>;
  /** Decides and, when accepted, stores. Many waiting calls share one sync. */
  readonly append: (request: AppendCommand) => Promise<AppendReply>;
  /**
   * Stored batches of one epoch from `afterSeq + 1` on, in order, without gaps; the first may begin
   * earlier (its reads up to `afterSeq` are then to be cut by the caller). At least one batch when
   * there is one; stops once `maxReads` reads past `afterSeq` or `maxBytes` are reached.
   */
  readonly readBatches: (request: ReadCommand) => Promise<readonly StoredBatch[]>;
  /** Marks an epoch as ended at `head`, with the hash of its lines; no-op unless its head is exactly that. */
  readonly seal: (streamId: StreamId, epoch: number, head: number) => Promise<{ readonly hash: string } | null>;
  /** Updates of a document, oldest first; empty when unknown. Applying all gives its state. */
  readonly loadDoc: (name: string) => Promise<readonly Uint8Array[]>;
  /** Names of documents that begin with `prefix`, which ends in `/`; in order. */
  readonly docNames: (prefix: string) => Promise<readonly string[]>;
  /** Group-committed with appends. */
  readonly appendDoc: (name: string, update: Uint8Array) => Promise<CommitReply>;
  /**
   * Puts one update in the place of those that are stored now, once it is shown to say the same, with all that was
   * overwritten; what comes meanwhile stays behind it. Appends do not wait for it.
   */
  readonly compactDoc: (name: string) => Promise<CompactReply>;
  /** Facts of one kind, by key. */
  readonly loadFacts: (eventId: EventId, kind: FactKind) => Promise<readonly EventFact[]>;
  /**
   * Copies everything as it is at one moment into a new file of its own, while appends go on. Rejects with `StoreFailedError` when the
   * file cannot be written.
   */
  readonly backup: (path: string) => Promise<void>;
  /** Of each event that has something stored; counted when it was stored, so that nobody waits for this. */
  readonly eventSizes: () => Promise<readonly EventSize[]>;
  /** Bytes of the data directory's database. */
  readonly sizeBytes: () => Promise<number>;
  /** Writes what waits, then closes; idempotent. */
  readonly close: () => Promise<void>;
}

export type Change =
  | { readonly type: 'putEvent'; readonly event: EventRecord }
  /** With its tokens, streams, reads, cursors, documents and facts. */
  | { readonly type: 'deleteEvent'; readonly eventId: EventId }
  | { readonly type: 'putToken'; readonly token: TokenRecord }
  | { readonly type: 'deleteToken'; readonly tokenId: TokenId }
  /**
   * `currentEpoch` never goes down, whatever is put, and gets an epoch record; counters stay. `commandedEpoch` is
   * kept only while no read of that epoch or a higher one has come.
   */
  | { readonly type: 'putStream'; readonly stream: StreamRecord }
  /** Seqs never go down, whatever is put. Cursors of unknown streams are left out: their event was deleted. */
  | { readonly type: 'raiseCursors'; readonly cursors: readonly CursorRecord[] }
  /**
   * Each in place of the one with its event, kind and key. Those of an unknown event are left out: it was deleted. The bytes
   * are given to the store: who puts them reads them no more.
   */
  | { readonly type: 'putFacts'; readonly facts: readonly EventFact[] }
  /** As `putFacts`, but of an event whose record comes later: an import's. Who puts them deletes the event where it never comes. */
  | { readonly type: 'putFactsAhead'; readonly facts: readonly EventFact[] }
  /** An update of a document of such an event. The bytes are given to the store, too. */
  | { readonly type: 'putDocAhead'; readonly name: string; readonly update: Uint8Array }
  /** Each in place of the one of its owner; one without hours goes. */
  | { readonly type: 'putDayUses'; readonly uses: readonly DayUseRecord[] }
  /** Deletes the reads of an epoch that was sealed with this hash; its record stays, as archived. No-op for any other epoch. */
  | { readonly type: 'archiveEpoch'; readonly streamId: StreamId; readonly epoch: number; readonly hash: string }
  /**
   * Puts reads of an archived epoch back, not to be read before it is reopened. The first (`firstSeq` 1) take the place of all that were
   * put back before. No-op for an epoch that is not archived.
   */
  | {
      readonly type: 'restoreReads';
      readonly streamId: StreamId;
      readonly epoch: number;
      readonly batches: readonly StoredBatch[];
    }
  /** An archived epoch whose reads are all back is as it was. No-op for any other. */
  | { readonly type: 'reopenEpoch'; readonly streamId: StreamId; readonly epoch: number }
  | NodeChange;

/** A node in an event. */
export interface NodeKey {
  readonly nodeId: NodeId;
  readonly eventId: EventId;
}

export type NodeChange =
  /**
   * The node takes its place. A record of the same node and event is used again: its `attachmentId` stays, `attaches`
   * rises by one. Refused when the record is revoked, or when the node has its place in another event.
   */
  | { readonly type: 'attachNode'; readonly attachment: Omit<AttachmentRecord, 'standing' | 'attaches'> }
  /** Replaces the capabilities of an attached node; no-op for any other. */
  | {
      readonly type: 'declareNode';
      readonly node: NodeKey;
      readonly capabilities: Capabilities;
      readonly declared: boolean;
    }
  /** The node leaves its place; no-op unless it is attached and, where given, this is its `attaches`th time. */
  | { readonly type: 'detachNode'; readonly node: NodeKey; readonly attaches?: number }
  /** For good, whether or not the node has ever attached. */
  | { readonly type: 'revokeNode'; readonly attachment: Omit<AttachmentRecord, 'standing' | 'attaches'> };

/** `storage-full`: nothing was stored, it may be tried again. Any other disk failure is `failed`: the process must end. */
export type CommitReply =
  | { readonly type: 'committed' }
  | { readonly type: 'storage-full'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** `kept`: nothing was changed, for a reason that is none of the disk's. `updates` were replaced by one of so many bytes. */
export type CompactReply =
  | { readonly type: 'compacted'; readonly updates: number; readonly bytes: number }
  | { readonly type: 'kept'; readonly reason: string }
  | Exclude<CommitReply, { readonly type: 'committed' }>;

/** Why a change could not be: nothing of its commit was stored. Decided by the driver, not by who asks. */
export type ChangeRefused = {
  readonly type: 'refused';
  readonly reason: 'node-active-elsewhere' | 'node-revoked';
};

export type ChangeReply = CommitReply | ChangeRefused;

export interface AppendCommand {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly firstSeq: number;
  /** A batch of `@baton/schema/reads`; untrusted. */
  readonly batch: Uint8Array;
}

export interface StoredBatch {
  readonly firstSeq: number;
  readonly count: number;
  readonly batch: Uint8Array;
}

/** Where an accepted or duplicate append leaves its epoch. */
export interface AppendedState {
  readonly head: number;
  readonly firstReadAt: number;
  readonly lastReadAt: number;
}

export type AppendReply =
  /** `stored` is what became new: the batch as sent, or its unknown rest. `epochRose`: this epoch became the stream's current one. */
  | {
      readonly type: 'accepted';
      readonly state: AppendedState;
      readonly stored: StoredBatch;
      readonly duplicates: number;
      readonly epochRose: boolean;
    }
  | { readonly type: 'duplicate'; readonly head: number; readonly duplicates: number }
  | { readonly type: 'gap'; readonly head: number; readonly expected: number }
  /**
   * Counted in the stream's record, once a refused batch. Also the answer to reads beyond the end of a sealed
   * epoch, which never changes again. `nextEpoch` is above every epoch the stream has or was commanded to.
   */
  | { readonly type: 'conflict'; readonly head: number; readonly seq: number; readonly nextEpoch: number }
  | { readonly type: 'malformed'; readonly message: string }
  | { readonly type: 'unknown-stream' }
  | { readonly type: 'storage-full'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

export interface ReadCommand {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly afterSeq: number;
  readonly maxReads: number;
  readonly maxBytes: number;
}
