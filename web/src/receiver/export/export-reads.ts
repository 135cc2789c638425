import type { Replica } from '@baton/client-core';
import { READ_CSV_HEADER, readCsvLine } from '@baton/schema/csv';
import { StreamId } from '@baton/schema/ids';
import type { NumberedRead, Pair } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import { bytesAt, numberAt, type Row, textAt } from '../cell-values.ts';
import {
  type ExportFormat,
  type ExportScope,
  epochsStatement,
  LINES_OF_EPOCH,
  PAGE_OF_EPOCH,
  PAGE_READS,
} from './export-scope.ts';

export interface Exported {
  readonly blob: Blob;
  readonly reads: number;
}

export interface ExportJob {
  readonly scope: ExportScope;
  readonly format: ExportFormat;
  readonly onProgress: (done: number, of: number) => void;
  readonly isCancelled: () => boolean;
}

interface Epoch extends Pair {
  readonly head: number;
}

type Failure = Result<never, string>;

/** More than browsers put into one file without fail. */
export const MOST_BYTES = 1_500_000_000;

const epochOf = (row: Row): readonly Epoch[] => {
  const streamId = StreamId.safeParse(row[0]).data;
  const [epoch, head] = [numberAt(row, 1), numberAt(row, 2)];
  return streamId === undefined || epoch === null || head === null ? [] : [{ streamId, epoch, head }];
};

const readOf = (row: Row): NumberedRead => ({
  seq: numberAt(row, 0) ?? 0,
  readerTime: textAt(row, 1) === '' ? null : textAt(row, 1),
  receivedAt: numberAt(row, 2) ?? 0,
  chip: textAt(row, 3) === '' ? null : textAt(row, 3),
  kind: textAt(row, 4) as NumberedRead['kind'],
  raw: bytesAt(row, 5),
});

/** Some reads of an epoch as they go into the file. */
interface Page {
  readonly reads: number;
  readonly last: number;
  readonly chunks: readonly Uint8Array[];
}

/** Of raw lines nothing has to be read but the bytes: as one value they cost a fraction of as many rows. */
const rawPage = ([row]: readonly Row[]): Page =>
  row === undefined
    ? { reads: 0, last: 0, chunks: [] }
    : { last: numberAt(row, 0) ?? 0, reads: numberAt(row, 1) ?? 0, chunks: [bytesAt(row, 2)] };

const csvPage = (pair: Pair, rows: readonly Row[]): Page => {
  const reads = rows.map(readOf);
  return {
    reads: reads.length,
    last: reads.at(-1)?.seq ?? 0,
    chunks: reads.flatMap((read) => readCsvLine(pair, read)),
  };
};

const pageOf = async (
  replica: Pick<Replica, 'select'>,
  epoch: Epoch,
  { after, until }: { readonly after: number; readonly until: number },
  format: ExportFormat,
): Promise<Result<Page, string>> => {
  const statement = format === 'txt' ? LINES_OF_EPOCH : PAGE_OF_EPOCH;
  const found = await replica.select(statement, [epoch.streamId, epoch.epoch, after, until]);
  if (!found.ok) return err(found.error.message);
  return ok(format === 'txt' ? rawPage(found.value.rows) : csvPage(epoch, found.value.rows));
};

/** Parts that the browser may move to its disk: the page itself holds one page of reads at a time. */
const createFile = (format: ExportFormat) => {
  const parts: Blob[] = [];
  let bytes = 0;
  const add = (chunks: readonly Uint8Array[]): void => {
    const part = new Blob(chunks as readonly Uint8Array<ArrayBuffer>[] as Uint8Array<ArrayBuffer>[]);
    bytes += part.size;
    parts.push(part);
  };
  if (format === 'csv') add([READ_CSV_HEADER]);
  const type = format === 'csv' ? 'text/csv' : 'text/plain';
  return { add, bytes: () => bytes, blob: () => new Blob(parts, { type }) };
};

const tooLarge: Failure = err(
  'it is larger than browsers put into one file; export single epochs, or use the relay’s export or `baton receive --file`',
);

/**
 * The reads of a scope as PROTOCOL.md has the relay export them, out of the replica: in the order of (epoch, seq), raw lines with
 * LF or CSV. Fails with a reason for people.
 */
export const exportReads = async (
  replica: Pick<Replica, 'select'>,
  { scope, format, onProgress, isCancelled }: ExportJob,
): Promise<Result<Exported, string>> => {
  const { sql, params } = epochsStatement(scope);
  const found = await replica.select(sql, params);
  if (!found.ok) return err(found.error.message);
  const epochs = found.value.rows.flatMap(epochOf);
  const total = epochs.reduce((sum, { head }) => sum + head, 0);
  const file = createFile(format);
  let done = 0;
  for (const epoch of epochs) {
    for (let after = 0; after < epoch.head; ) {
      if (isCancelled()) return err('it was cancelled');
      // a narrow range, so that no plan ever looks at the whole table
      const until = Math.min(after + PAGE_READS, epoch.head);
      const found = await pageOf(replica, epoch, { after, until }, format);
      if (!found.ok) return found;
      const page = found.value;
      if (page.last < until) return err('reads were dropped meanwhile; export again');
      file.add(page.chunks);
      if (file.bytes() > MOST_BYTES) return tooLarge;
      done += page.reads;
      after = page.last;
      onProgress(done, total);
    }
  }
  return ok({ blob: file.blob(), reads: done });
};
