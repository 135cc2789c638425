import type { EventId } from '@baton/schema/ids';
import type { EventFact, EventSize, FactKind, RelayRecords } from '../records.ts';
import type {
  AppendedState,
  AppendReply,
  ChangeReply,
  CommitReply,
  CompactReply,
  ReadCommand,
  StoredBatch,
} from '../store.ts';
import type { StoreOpenReason } from '../store-error.ts';
import type { DatabaseOptions } from './database.ts';
import type { WriteRequest } from './requests.ts';
import type { SealRequest } from './seal.ts';

/** What the store's thread is asked for; one message carries every call of an event-loop turn. */
export type StoreCall =
  | WriteRequest
  | { readonly type: 'load' }
  | { readonly type: 'readBatches'; readonly command: ReadCommand }
  | { readonly type: 'seal'; readonly request: SealRequest }
  | { readonly type: 'loadDoc'; readonly name: string }
  | { readonly type: 'docNames'; readonly prefix: string }
  | { readonly type: 'loadFacts'; readonly eventId: EventId; readonly kind: FactKind }
  | { readonly type: 'compactDoc'; readonly name: string }
  | { readonly type: 'backup'; readonly path: string }
  | { readonly type: 'eventSizes' }
  | { readonly type: 'sizeBytes' }
  | { readonly type: 'close' };

/** An accepted batch's bytes are not sent back: the asker has them. `rest` only when less than all was stored. */
export type AppendAnswer =
  | Exclude<AppendReply, { readonly type: 'accepted' }>
  | {
      readonly type: 'accepted';
      readonly state: AppendedState;
      readonly rest: StoredBatch | null;
      readonly duplicates: number;
      readonly epochRose: boolean;
    };

/** The answer of each call, by its type. */
export interface StoreAnswers {
  readonly load: RelayRecords;
  readonly commit: ChangeReply;
  readonly append: AppendAnswer;
  readonly readBatches: readonly StoredBatch[];
  readonly seal: { readonly hash: string } | null;
  readonly loadDoc: readonly Uint8Array[];
  readonly docNames: readonly string[];
  readonly loadFacts: readonly EventFact[];
  readonly appendDoc: CommitReply;
  readonly compactDoc: CompactReply;
  readonly backup: null;
  readonly eventSizes: readonly EventSize[];
  readonly sizeBytes: number;
  readonly close: null;
}

export interface NumberedCall {
  readonly id: number;
  readonly call: StoreCall;
}

export type NumberedAnswer =
  | { readonly id: number; readonly type: 'answer'; readonly value: StoreAnswers[keyof StoreAnswers] }
  /** The call cannot be answered: damaged data, or a bug of its sender. */
  | { readonly id: number; readonly type: 'error'; readonly message: string };

/** Main thread to store thread. */
export type ToWorker = readonly NumberedCall[];

/** Store thread to main thread. `failed` comes once, when the disk failed. */
export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'not-opened'; readonly reason: StoreOpenReason; readonly message: string }
  /** `syncs`: how long each commit since the last message took, in ms. */
  | { readonly type: 'answers'; readonly answers: readonly NumberedAnswer[]; readonly syncs: readonly number[] }
  | { readonly type: 'failed'; readonly message: string };

export type WorkerOptions = DatabaseOptions;
