import { rename, rm } from 'node:fs/promises';
import type { StreamId } from '@baton/schema/ids';
import { DBFFile } from 'dbffile';
import type { PositionedRead } from '../replica/replica.ts';
import { DBF_COLUMNS, type DbfRecord, dbfRecord } from './dbf-record.ts';
import type { ReadsFile } from './file-output.ts';

/** Whether a stream stands at a start at the moment. */
export type IsStart = (streamId: StreamId) => Promise<boolean>;

const FIELDS = DBF_COLUMNS.map(({ name, size }) => ({ name, size, type: 'C' as const }));

/** The number of records is written last, so that who looks into the file meanwhile finds whole ones. */
export const beginDbfFile = async (path: string, isStart: IsStart): Promise<ReadsFile> => {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  let file = await DBFFile.create(fresh, FIELDS);
  const readers = new Map<StreamId, number>();

  const readerOf = (streamId: StreamId): number => {
    const reader = readers.get(streamId) ?? readers.size;
    readers.set(streamId, reader);
    return reader;
  };

  const recordsOf = async (reads: readonly PositionedRead[]): Promise<DbfRecord[]> => {
    const starts = new Map<StreamId, boolean>();
    const records: DbfRecord[] = [];
    for (const read of reads) {
      const { streamId } = read;
      if (!starts.has(streamId)) starts.set(streamId, await isStart(streamId));
      const record = dbfRecord(read, { isStart: starts.get(streamId) === true, reader: readerOf(streamId) });
      if (record !== null) records.push(record);
    }
    return records;
  };

  return {
    append: async (reads) => {
      const records = await recordsOf(reads);
      if (records.length > 0) await file.appendRecords(records);
    },
    publish: async () => {
      await rename(fresh, path);
      file = await DBFFile.open(path);
    },
    close: async () => {}, // it is open only while records are added
  };
};
