import type { OwnIdentity } from '../http/own-identity.ts';

/**
 * The forwarder's durable memory. It decides nothing: numbers, epochs and moves come from
 * `stream-log`, the journal makes them survive. Calls take effect in the order in which they were made.
 */
export interface Journal {
  /** What the journal held when it was opened. */
  readonly opened: JournalContent;
  /** Applies all changes together or not at all; resolves once they are synced to disk. */
  readonly commit: (changes: readonly JournalChange[]) => Promise<CommitReply>;
  /**
   * Stored lines of an epoch from `fromSeq` on, at most `limit`, without gaps. Empty when `fromSeq` is not
   * held (pruned, or not yet committed).
   */
  readonly read: (request: JournalRead) => Promise<readonly JournalLine[]>;
  /** Deletes a bounded number of lines that are acked and old; see `PruneReply`. */
  readonly prune: (request: PruneRequest) => Promise<PruneReply>;
  /** Idempotent; nothing may be called after it. */
  readonly close: () => Promise<void>;
}

export interface JournalContent {
  /**
   * As the relay said when it was last asked, so that a forwarder starts offline. Null until the relay was
   * reached for the first time.
   */
  readonly identity: OwnIdentity | null;
  readonly streams: readonly JournalStream[];
}

export interface JournalStream {
  readonly reader: string;
  /** Ascending; the last is the one new lines go to. Never empty. */
  readonly epochs: readonly JournalEpoch[];
}

export interface JournalEpoch {
  readonly epoch: number;
  /** Lowest seq still held; `head + 1` when none is. */
  readonly first: number;
  /** Highest seq ever given. */
  readonly head: number;
  /** The relay has durably stored 1…acked. */
  readonly acked: number;
  /** The relay and this journal agree that the epoch is this journal's; before that nothing of it may be sent. */
  readonly confirmed: boolean;
}

export type JournalChange =
  | { readonly type: 'setIdentity'; readonly identity: OwnIdentity }
  /** Creates the stream with it when it is new. A known epoch stays as it is. */
  | { readonly type: 'openEpoch'; readonly reader: string; readonly epoch: number; readonly confirmed: boolean }
  | { readonly type: 'confirmEpoch'; readonly reader: string; readonly epoch: number }
  | {
      readonly type: 'append';
      readonly reader: string;
      readonly epoch: number;
      readonly firstSeq: number;
      readonly lines: readonly JournalLine[];
    }
  /** May go down: a relay that lost its disk has less than it once acked. */
  | { readonly type: 'setAcked'; readonly reader: string; readonly epoch: number; readonly seq: number }
  /** Lines from `fromSeq` on become 1, 2, … of the empty epoch `toEpoch`; the old epoch ends before `fromSeq`. */
  | {
      readonly type: 'move';
      readonly reader: string;
      readonly epoch: number;
      readonly fromSeq: number;
      readonly toEpoch: number;
    };

export interface JournalLine {
  /** Exactly as the reader sent it, without line end. */
  readonly raw: Uint8Array;
  /** Milliseconds since the Unix epoch by this machine's clock. */
  readonly receivedAt: number;
}

/** `storage-full`: nothing was stored, it may be tried again. `failed`: the disk lies or breaks; the process must end. */
export type CommitReply =
  | { readonly type: 'committed' }
  | { readonly type: 'storage-full'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

export interface JournalRead {
  readonly reader: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly limit: number;
}

export interface PruneRequest {
  readonly reader: string;
  readonly epoch: number;
  /** Lines received at or after this stay. */
  readonly receivedBefore: number;
  /** At most so many are deleted, the lowest first. */
  readonly limit: number;
}

/** `first`: nothing below it is held. `full`: the limit was reached, there may be more to delete. */
export interface PruneReply {
  readonly first: number;
  readonly full: boolean;
}

/** Why a journal could not be opened; `message` names cause and cure. */
export interface JournalOpenError {
  readonly type: 'locked' | 'damaged' | 'unusable';
  readonly message: string;
}
