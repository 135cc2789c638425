import type { Replica } from '@baton/client-core';
import { READ_CSV_HEADER, readCsvLine } from '@baton/schema/csv';
import { StreamId } from '@baton/schema/ids';
import type { NumberedRead, Pair } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import { bytesAt, numberAt, type Row, textAt } from '../cell-values.ts';
import { type ExportFormat, type ExportScope, epochsStatement, PAGE_OF_EPOCH, PAGE_READS } from './export-scope.ts';

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

const LF = Uint8Array.of(0x0a);

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

const linesOf = (pair: Pair, read: NumberedRead, format: ExportFormat): readonly Uint8Array[] =>
  format === 'txt' ? [read.raw, LF] : readCsvLine(pair, read);

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
      const page = await replica.select(PAGE_OF_EPOCH, [epoch.streamId, epoch.epoch, after, until]);
      if (!page.ok) return err(page.error.message);
      const reads = page.value.rows.map(readOf);
      const last = reads.at(-1)?.seq ?? 0;
      if (last < until) return err('reads were dropped meanwhile; export again');
      file.add(reads.flatMap((read) => linesOf(epoch, read, format)));
      if (file.bytes() > MOST_BYTES) return tooLarge;
      done += reads.length;
      after = last;
      onProgress(done, total);
    }
  }
  return ok({ blob: file.blob(), reads: done });
};
