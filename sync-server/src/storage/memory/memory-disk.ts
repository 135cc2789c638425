import type { EventId, StreamId, TokenId } from '@baton/schema/ids';
import type { PairKey } from '@baton/schema/reads';
import type { EpochState } from '../append-plan.ts';
import type { AttachmentTable } from '../node-changes.ts';
import type {
  CursorRecord,
  DayUseRecord,
  EpochRecord,
  EventFact,
  EventRecord,
  StreamCounters,
  StreamRecord,
  TokenRecord,
} from '../records.ts';
import type { StoredBatch } from '../store.ts';

export interface MemoryEpoch extends EpochState, Pick<EpochRecord, 'streamId' | 'epoch' | 'hash'> {
  readonly batches: readonly StoredBatch[];
}

/** What outlives a memory store: hand it to the next one to "restart". */
export interface MemoryDisk {
  readonly events: Map<EventId, EventRecord>;
  readonly tokens: Map<TokenId, TokenRecord>;
  readonly streams: Map<StreamId, StreamRecord & StreamCounters>;
  readonly epochs: Map<PairKey, MemoryEpoch>;
  /** Key: receiver, stream and epoch, joined by `/`. */
  readonly cursors: Map<string, CursorRecord>;
  readonly docs: Map<string, readonly Uint8Array[]>;
  readonly attachments: AttachmentTable;
  /** Key: event, kind and key, joined by `/`. */
  readonly facts: Map<string, EventFact>;
  /** By owner. */
  readonly dayUses: Map<string, DayUseRecord>;
}

export const createMemoryDisk = (): MemoryDisk => ({
  events: new Map(),
  tokens: new Map(),
  streams: new Map(),
  epochs: new Map(),
  cursors: new Map(),
  docs: new Map(),
  attachments: new Map(),
  facts: new Map(),
  dayUses: new Map(),
});
