import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Batch, decodeBatch } from '@baton/schema/reads';
import type { Database } from 'better-sqlite3';
import type { Notes } from './findings.ts';

interface BatchRow {
  readonly stream: string;
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
  readonly crc: number;
  readonly bytes: Buffer;
}

interface EpochRow {
  readonly ref: number;
  readonly stream: string;
  readonly epoch: number;
  readonly head: number;
  readonly hash: string | null;
  readonly archived: number;
}

const batchDefect = (row: BatchRow): string | Batch => {
  if (crc32(row.bytes) !== row.crc) return 'its checksum does not fit';
  const batch = decodeBatch(row.bytes);
  if (!batch.ok) return `it does not decode: ${batch.error.message}`;
  return batch.value.count === row.count ? batch.value : `it holds ${batch.value.count} reads, ${row.count} are told`;
};

/** Every row of an epoch, in order: each one whole, each following the one before, all together as many as told, and with the seal's hash. */
const examineRows = (
  rows: Iterable<BatchRow>,
  notes: Notes,
): { readonly last: number; readonly hash: string; readonly isWhole: boolean } => {
  const hash = createHash('sha256');
  let last = 0;
  let isWhole = true;
  for (const row of rows) {
    notes.count('batches');
    const where = `${row.stream} epoch ${row.epoch}, reads from ${row.first}`;
    const found = batchDefect(row);
    if (row.first !== last + 1) notes.note({ table: 'batches', where, message: `expected read ${last + 1}` });
    if (typeof found === 'string') notes.note({ table: 'batches', where, message: found });
    else for (let index = 0; index < found.count; index++) hash.update(found.rawAt(index)).update('\n');
    isWhole &&= typeof found !== 'string' && row.first === last + 1;
    last = row.first + row.count - 1;
  }
  return { last, hash: hash.digest('hex'), isWhole };
};

const examineEpoch = (it: EpochRow, rows: Iterable<BatchRow>, notes: Notes): void => {
  const where = `${it.stream} epoch ${it.epoch}`;
  const found = examineRows(rows, notes);
  if (found.last !== it.head)
    notes.note({ table: 'epochs', where, message: `it tells ${it.head} reads, the rows end at ${found.last}` });
  else if (it.hash !== null && found.isWhole && found.hash !== it.hash)
    notes.note({ table: 'epochs', where, message: 'its lines are not those that were sealed' });
};

/** An archived epoch has no rows, or some that were on their way back. */
const examineArchived = (it: EpochRow, rows: Iterable<BatchRow>, notes: Notes): void => {
  for (const _ of rows) {
    const where = `${it.stream} epoch ${it.epoch}`;
    notes.note({
      table: 'batches',
      where,
      message: 'an import of its archive was cut; import it again',
      cure: 'leftover',
    });
    return;
  }
};

export const examineLog = (db: Database, layout: number, notes: Notes): void => {
  const epochs = db.prepare<[], EpochRow>(
    `SELECT e.stream_ref AS ref, s.stream_id AS stream, e.epoch, e.head, e.hash, ${layout >= 4 ? 'e.archived' : '0'} AS archived
     FROM epochs e JOIN streams s USING (stream_ref) ORDER BY s.stream_id, e.epoch`,
  );
  const rowsOf = db.prepare<[number, number], BatchRow>(
    `SELECT s.stream_id AS stream, b.epoch, b.first_seq AS first, b.count, b.crc, b.bytes FROM batches b
     JOIN streams s USING (stream_ref) WHERE b.stream_ref = ? AND b.epoch = ? ORDER BY b.first_seq`,
  );
  for (const it of epochs.all()) {
    const rows = rowsOf.iterate(it.ref, it.epoch);
    if (it.archived === 1) examineArchived(it, rows, notes);
    else examineEpoch(it, rows, notes);
  }
};
