import type { ReadCommand, StoredBatch } from '../store.ts';
import { type BatchRows, DamagedRowError } from './batch-rows.ts';

/** Reading needs only the head: what is there is contiguous up to it. */
export interface ReadPlace {
  readonly ref: number;
  readonly epoch: number;
  readonly head: number;
}

/**
 * Rows from the one that holds `afterSeq + 1` on, at least one when there is one, until `maxReads` or
 * `maxBytes` are reached. Throws `DamagedRowError` where rows are missing or changed.
 */
export const readRows = (
  rows: BatchRows,
  place: ReadPlace,
  command: Pick<ReadCommand, 'afterSeq' | 'maxReads' | 'maxBytes'>,
): readonly StoredBatch[] => {
  const { afterSeq } = command;
  if (afterSeq >= place.head) return [];
  const found: StoredBatch[] = [];
  let next = afterSeq + 1;
  let bytes = 0;
  const missing = (): never => {
    throw new DamagedRowError(`reads from seq ${next} on are missing: stream ref ${place.ref}, epoch ${place.epoch}`);
  };
  const take = (row: StoredBatch): void => {
    if (row.firstSeq > next || row.firstSeq + row.count <= next) missing();
    found.push(row);
    bytes += row.batch.length;
    next = row.firstSeq + row.count;
  };
  const isDone = (): boolean =>
    next > place.head || next - 1 - afterSeq >= command.maxReads || bytes >= command.maxBytes;

  take(rows.holding(place.ref, place.epoch, next) ?? missing());
  if (isDone()) return found;
  for (const row of rows.between(place.ref, place.epoch, next, place.head)) {
    take(row);
    if (isDone()) break;
  }
  if (!isDone()) missing();
  return found;
};
