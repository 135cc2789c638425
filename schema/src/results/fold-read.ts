import type { StreamId } from '../ids.ts';

/** A read as the fold takes it; raw bytes are not needed. */
export interface FoldRead {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly seq: number;
  readonly chip: string | null;
  readonly readerTime: string | null;
  /** Milliseconds since the Unix epoch; used for `updatedAt`, never for order. */
  readonly receivedAt: number;
  readonly kind: string;
}

/** By stream, epoch and number: a total order of reads that does not depend on any clock. */
export const compareIdentity = (a: FoldRead, b: FoldRead): number =>
  a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : a.epoch - b.epoch || a.seq - b.seq;
