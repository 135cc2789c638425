/** Storage of the relay: the port and its drivers. */
export { CHUNK_SIZE, firstSeqOfChunk, fullChunks } from './chunk.ts';
export type { MemoryDisk } from './memory/memory-disk.ts';
export { createMemoryDisk } from './memory/memory-disk.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export type {
  AttachmentRecord,
  CursorRecord,
  DayUseRecord,
  EpochRecord,
  EventFact,
  EventRecord,
  EventSize,
  EventStatus,
  FactKind,
  RelayRecords,
  Role,
  Standing,
  StreamCounters,
  StreamRecord,
  TokenRecord,
} from './records.ts';
export type {
  AppendCommand,
  AppendReply,
  Change,
  ChangeReply,
  CommitReply,
  CompactReply,
  NodeChange,
  NodeKey,
  ReadCommand,
  Store,
  StoredBatch,
} from './store.ts';
export type { StoreOpenReason } from './store-error.ts';
export { StoreFailedError, StoreOpenError } from './store-error.ts';
export type { WorkerStoreOptions } from './worker-store.ts';
export { openWorkerStore } from './worker-store.ts';
