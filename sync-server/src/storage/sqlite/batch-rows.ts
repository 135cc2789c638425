import { crc32 } from 'node:zlib';
import { type Batch, decodeBatch } from '@baton/schema/reads';
import type { Database } from 'better-sqlite3';
import type { StoredBatch } from '../store.ts';

/** A stored row whose bytes are not those that were written: the disk or the file was damaged. */
export class DamagedRowError extends Error {
  override readonly name = 'DamagedRowError';
}

interface BatchRow {
  readonly firstSeq: number;
  readonly count: number;
  readonly crc: number;
  readonly bytes: Uint8Array;
}

/** The rows of the log. `ref` is a stream's number in this database. */
export interface BatchRows {
  readonly insert: (ref: number, epoch: number, batch: StoredBatch) => void;
  /** The row that begins at `firstSeq`. */
  readonly startingAt: (ref: number, epoch: number, firstSeq: number) => StoredBatch | undefined;
  /** The row with the greatest first seq at or below `seq`: the one that holds it, when it is stored. */
  readonly holding: (ref: number, epoch: number, seq: number) => StoredBatch | undefined;
  /** Rows that begin in [from, to], in order. Stop iterating before any other use of the database. */
  readonly between: (ref: number, epoch: number, from: number, to: number) => Iterable<StoredBatch>;
  readonly deleteBetween: (ref: number, epoch: number, from: number, to: number) => void;
  readonly deleteStream: (ref: number) => void;
}

const COLUMNS = 'first_seq AS firstSeq, count, crc, bytes';
const OF_EPOCH = 'stream_ref = ? AND epoch = ?';

export const createBatchRows = (db: Database): BatchRows => {
  const insert = db.prepare(
    'INSERT INTO batches (stream_ref, epoch, first_seq, count, crc, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const startingAt = db.prepare<[number, number, number], BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE ${OF_EPOCH} AND first_seq = ?`,
  );
  const holding = db.prepare<[number, number, number], BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE ${OF_EPOCH} AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
  );
  const between = db.prepare<[number, number, number, number], BatchRow>(
    `SELECT ${COLUMNS} FROM batches WHERE ${OF_EPOCH} AND first_seq BETWEEN ? AND ? ORDER BY first_seq`,
  );
  const deleteBetween = db.prepare(`DELETE FROM batches WHERE ${OF_EPOCH} AND first_seq BETWEEN ? AND ?`);
  const deleteStream = db.prepare('DELETE FROM batches WHERE stream_ref = ?');

  const checked = (ref: number, epoch: number, row: BatchRow): StoredBatch => {
    const { firstSeq, count, bytes } = row;
    if (crc32(bytes) !== row.crc) {
      throw new DamagedRowError(
        `stored reads are damaged: table batches, stream ref ${ref}, epoch ${epoch}, from seq ${firstSeq}, ${bytes.length} bytes`,
      );
    }
    return { firstSeq, count, batch: bytes };
  };
  const checkedOrNone = (ref: number, epoch: number, row: BatchRow | undefined): StoredBatch | undefined =>
    row === undefined ? undefined : checked(ref, epoch, row);

  return {
    insert: (ref, epoch, { firstSeq, count, batch }) => {
      insert.run(ref, epoch, firstSeq, count, crc32(batch), batch);
    },
    startingAt: (ref, epoch, firstSeq) => checkedOrNone(ref, epoch, startingAt.get(ref, epoch, firstSeq)),
    holding: (ref, epoch, seq) => checkedOrNone(ref, epoch, holding.get(ref, epoch, seq)),
    between: function* (ref, epoch, from, to) {
      for (const row of between.iterate(ref, epoch, from, to)) yield checked(ref, epoch, row);
    },
    deleteBetween: (ref, epoch, from, to) => {
      deleteBetween.run(ref, epoch, from, to);
    },
    deleteStream: (ref) => {
      deleteStream.run(ref);
    },
  };
};

/** Decodes a stored batch; that it does is an invariant, since only decoded batches are stored. */
export const decodeStored = (stored: StoredBatch): Batch => {
  const batch = decodeBatch(stored.batch);
  if (!batch.ok)
    throw new DamagedRowError(`stored reads from seq ${stored.firstSeq} do not decode: ${batch.error.message}`);
  return batch.value;
};
