import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { DBFFile } from 'dbffile';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { beginCsvFile } from '../../src/receiver/csv-file.ts';
import { beginDbfFile } from '../../src/receiver/dbf-file.ts';
import { type FileOutputDeps, writeFileOutput } from '../../src/receiver/file-output.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import { frameOf, GATE, MAT, madeFrames } from '../replica/made-reads.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const fileNamed = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-file-'));
  folders.push(folder);
  return join(folder, name);
};

const until = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 10_000, interval: 5 });

const csvLines = (path: string): readonly string[] => readFileSync(path, 'latin1').split('\r\n');

const keep = (path: string, begin: FileOutputDeps['begin'] = beginCsvFile) => {
  const replica = createMemoryReplica({ log: silentLog });
  const time = createVirtualTime();
  const failures: string[] = [];
  const log = { ...silentLog, error: (message: string) => failures.push(message) };
  const start = () =>
    writeFileOutput({ replica, timers: time.timers, log, begin }, { scope: { type: 'stream', streamId: MAT }, path });
  return { replica, time, failures, start };
};

describe('a file that scoring software polls', () => {
  it('[RT-40] has every read of the stream as CSV, and takes its place only when it has all that is held', async () => {
    const path = fileNamed('mat.csv');
    writeFileSync(path, 'of the last start');
    const { replica, time, start } = keep(path);
    await replica.applyReads([...madeFrames(MAT, 1, 1, 1500), ...madeFrames(GATE, 1, 1, 5)]);
    const file = start();
    expect(readFileSync(path, 'utf8')).toBe('of the last start');
    await time.advance(1);
    await until(() => expect(csvLines(path)).toHaveLength(1502));
    const [header, first] = csvLines(path);
    expect(header).toBe('streamId,epoch,seq,readerTime,receivedAt,chip,kind,raw');
    expect(first).toMatch(new RegExp(`^${MAT},1,1,`));
    await replica.applyReads(madeFrames(MAT, 1, 1501, 1502));
    await time.advance(300);
    await until(() => expect(csvLines(path)).toHaveLength(1504));
    expect(csvLines(path).at(-2)).toMatch(new RegExp(`^${MAT},1,1502,`));
    await file.close();
  });

  it('[RT-40] is made anew when it could not be written, and then has each read once', async () => {
    const path = fileNamed('mat.csv');
    let isFull = false;
    const { replica, time, failures, start } = keep(path, async (at) => {
      const file = await beginCsvFile(at);
      return { ...file, append: (reads) => (isFull ? Promise.reject(new Error('ENOSPC')) : file.append(reads)) };
    });
    await replica.applyReads(madeFrames(MAT, 1, 1, 10));
    const file = start();
    await time.advance(1);
    await until(() => expect(csvLines(path)).toHaveLength(12));
    isFull = true;
    await replica.applyReads(madeFrames(MAT, 1, 11, 12));
    await time.advance(300);
    await until(() => expect(failures).toEqual(['an output file could not be written; it is made anew']));
    await until(() => expect(time.pending()).toBe(1)); // the failed one is closed first, by the real disk
    isFull = false;
    await time.advance(5000);
    await until(() => expect(csvLines(path)).toHaveLength(14));
    expect(new Set(csvLines(path)).size).toBe(14);
    await file.close();
  });

  it('[RT-40] as DBF has the columns, widths and times of IPICO’s own file, and only chips’ reads', async () => {
    const path = fileNamed('IPICO.DBF');
    const { replica, time, start } = keep(path, (at) => beginDbfFile(at, async () => true));
    const noChip = { raw: new TextEncoder().encode('hello'), receivedAt: 1, readerTime: null, chip: null, kind: 'RAW' };
    const finish = { ...noChip, readerTime: '2001-12-30T18:45:59.399', chip: '000000012345' };
    await replica.applyReads([frameOf(MAT, 1, 1, [finish, noChip])]);
    const file = start();
    await time.advance(1);
    const read = async () => (await DBFFile.open(path)).readRecords();
    await until(async () => expect(await read()).toHaveLength(1));
    expect(readFileSync(path).readUInt16LE(10)).toBe(41);
    expect((await read())[0]).toEqual({
      EVENT: 'S',
      DIVISION: '',
      CHIP: '000000012345',
      TIME: '18455939',
      RUNERNO: '',
      DAYCODE: '011230',
      LAPNO: '',
      TPOINT: 'S',
      READER: '0',
    });
    await replica.applyReads([frameOf(MAT, 1, 3, [finish])]);
    await time.advance(300);
    await until(async () => expect(await read()).toHaveLength(2));
    await file.close();
  });
});
