import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { encodeBatch, parseIpicoLine } from '@baton/schema/reads';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvField, csvRawField, inertField } from '@baton/schema/csv';
import {
  ADMIN,
  createEvent,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
  streamId,
} from './relay-fixture.ts';

const DATA = new URL('../../../../shared/data/ipico/', import.meta.url).pathname;

let f: RelayFixture;
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const text = async (path: string): Promise<string> => (await f.ask('GET', `/api/v1/streams/${path}`)).text;

/** A reader of RFC 4180, written apart from the writer. */
const parseCsv = (csv: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < csv.length; at++) {
    const letter = csv[at];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (csv[at + 1] === '"') {
        field += '"';
        at++;
      } else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === ',') {
      row.push(field);
      field = '';
    } else if (letter === '\r' && csv[at + 1] === '\n') {
      rows.push([...row, field]);
      row = [];
      field = '';
      at++;
    } else field += letter;
  }
  if (field !== '' || row.length > 0) throw new Error('the last line has no end');
  return rows;
};

describe('export.txt', () => {
  it('[RT-41] is the lines as they came, by epoch and seq, repeats kept', async () => {
    await seedStream(f, 'e1', 'x1.mat', { 2: ['c', 'c', 'd'], 1: ['b', 'a', 'b'], 10: ['e'] });
    expect(await text('x1.mat/export.txt')).toBe('b\na\nb\nc\nc\nd\ne\n');
    expect(await text('x1.mat/epochs/2/export.txt')).toBe('c\nc\nd\n');
    expect((await f.ask('GET', '/api/v1/streams/x1.mat/epochs/3/export.txt')).status).toBe(404);
    expect((await f.ask('GET', '/api/v1/streams/none.mat/export.txt')).status).toBe(404);
  });

  it('is empty for a stream without reads', async () => {
    await seedStream(f, 'e1', 'empty.mat', { 1: [] });
    expect(await text('empty.mat/export.txt')).toBe('');
    expect(await text('empty.mat/export.csv')).toBe('streamId,epoch,seq,readerTime,receivedAt,chip,kind,raw\r\n');
  });

  it('keeps bytes that are no text', async () => {
    const bytes = String.fromCharCode(0, 1, 127, 128, 200, 255);
    await seedStream(f, 'e1', 'bytes.mat', { 1: [bytes] });
    const response = await fetch(`${f.base}/api/v1/streams/bytes.mat/export.txt`, {
      headers: { Authorization: `Bearer ${ADMIN}` },
    });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(`${bytes}\n`, 'latin1'));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="bytes.mat.txt"');
  });

  it('[RT-41] equals recorded files, byte for byte', async () => {
    expect(existsSync(DATA), `the recorded reads are not at ${DATA}`).toBe(true);
    const files = readdirSync(DATA);
    expect(files.length).toBeGreaterThan(3);
    for (const [index, name] of files.entries()) {
      const reads = readFileSync(join(DATA, name), 'latin1')
        .split(/\r?\n/)
        .filter((line) => parseIpicoLine(Buffer.from(line, 'latin1')).type === 'read');
      await seedStream(f, 'e1', `file${index}.mat`, { 1: reads });
      expect(await text(`file${index}.mat/export.txt`)).toBe(reads.map((line) => `${line}\n`).join(''));
    }
  });
});

describe('export.csv', () => {
  it('[RT-41] quotes as RFC 4180 says; the raw line comes back exactly', async () => {
    const lines = ['plain', 'a,b', 'say "x"', '"', ',', 'two\r\nlines', '=cmd()', ' space ', ''];
    await seedStream(f, 'e1', 'csv.mat', { 1: lines });
    const [header, ...rows] = parseCsv(await text('csv.mat/export.csv'));
    expect(header).toEqual(['streamId', 'epoch', 'seq', 'readerTime', 'receivedAt', 'chip', 'kind', 'raw']);
    expect(rows.map((row) => row[7])).toEqual(lines);
    expect(rows.map((row) => row.slice(0, 3))).toEqual(lines.map((_, n) => ['csv.mat', '1', String(n + 1)]));
  });

  it('makes what others derived from a line inert for spreadsheets, and nothing else', async () => {
    const stream = await seedStream(f, 'e1', 'formula.mat', { 1: [] });
    const read = { raw: Buffer.from('=1+1'), receivedAt: 5, readerTime: '+t', chip: '=HYPERLINK("x")', kind: '@k' };
    await f.core.log.append({ streamId: stream, epoch: 1, firstSeq: 1, batch: encodeBatch([read]) });
    const [, row] = parseCsv(await text('formula.mat/export.csv'));
    expect(row?.slice(3)).toEqual(["'+t", '5', '\'=HYPERLINK("x")', "'@k", '=1+1']);
  });

  it('any bytes and texts survive the way through a field', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 5 }), (fields) => {
        const line = fields.map((bytes) => Buffer.from(csvRawField(bytes)).toString('latin1')).join(',');
        const expected = fields.map((bytes) => Buffer.from(bytes).toString('latin1'));
        expect(parseCsv(`${line}\r\n`)).toEqual([expected]);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(parseCsv(`${csvField(value)}\r\n`)).toEqual([[value]]);
        expect(inertField(value)).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

describe('a long export', () => {
  const COUNT = 100_000;
  /** With its end: more in all than the buffers between two sockets hold. */
  const LINE = 250;

  const fill = async (id: string): Promise<void> => {
    const stream = await seedStream(f, 'e1', id, { 1: [] });
    for (let first = 1; first <= COUNT; first += 1000) {
      const reads = Array.from({ length: 1000 }, (_, n) => ({
        raw: Buffer.from(`line ${String(first + n).padStart(LINE - 6, '0')}`),
        receivedAt: 1_772_870_400_000 + first + n,
        readerTime: null,
        chip: null,
        kind: 'RAW',
      }));
      await f.core.log.append({ streamId: stream, epoch: 1, firstSeq: first, batch: encodeBatch(reads) });
    }
  };

  const open = (path: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get(`${f.base}${path}`, { headers: { Authorization: `Bearer ${ADMIN}` } }, resolve).once('error', reject);
    });

  it('[RT-41] [P18] takes no more from the log than its taker takes from it', async () => {
    await fill('long.mat');
    const { read } = f.core.log;
    let asked = 0;
    Object.assign(f.core.log, {
      read: (...args: Parameters<typeof read>) => {
        asked++;
        return read(...args);
      },
    });
    try {
      const response = await open('/api/v1/streams/long.mat/export.txt');
      response.pause();
      // until the log is left alone: the buffers on the way are full
      for (let before = -1; before !== asked; ) {
        before = asked;
        for (let turns = 0; turns < 2000; turns++) await new Promise((resolve) => setImmediate(resolve));
      }
      const whilePaused = asked;
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      expect(bytes).toBe(COUNT * LINE);
      expect(whilePaused).toBeLessThan(asked * 0.6);
    } finally {
      Object.assign(f.core.log, { read });
    }
  });

  it('is broken off when its taker goes, and the relay goes on', async () => {
    const response = await open('/api/v1/streams/long.mat/export.csv');
    response.destroy();
    const token = await createToken(f, 'viewer', 'e1');
    expect((await f.ask('GET', '/api/v1/me', { token })).status).toBe(200);
  });

  it('that fails midway is seen to be short', async () => {
    const { read } = f.core.log;
    let calls = 0;
    Object.assign(f.core.log, {
      read: (...args: Parameters<typeof read>) => {
        calls++;
        return calls > 3 ? Promise.reject(new Error('damaged row')) : read(...args);
      },
    });
    try {
      const response = await open('/api/v1/streams/long.mat/export.txt');
      const drain = async (): Promise<void> => {
        for await (const _ of response);
      };
      await expect(drain()).rejects.toThrow();
      expect(f.defects.splice(0)).toMatchObject([{ message: 'an answer broke off' }]);
    } finally {
      Object.assign(f.core.log, { read });
    }
  });

  it('grows no further than the log was when it began', async () => {
    const id = await seedStream(f, 'e1', 'growing.mat', { 1: ['a', 'b'] });
    const { read } = f.core.log;
    let grown = false;
    Object.assign(f.core.log, {
      read: async (...args: Parameters<typeof read>) => {
        if (!grown) {
          grown = true;
          const batch = encodeBatch([
            { raw: Buffer.from('c'), receivedAt: 1, readerTime: null, chip: null, kind: 'RAW' },
          ]);
          await f.core.log.append({ streamId: id, epoch: 1, firstSeq: 3, batch });
        }
        return read(...args);
      },
    });
    try {
      expect(await text('growing.mat/export.txt')).toBe('a\nb\n');
    } finally {
      Object.assign(f.core.log, { read });
    }
    expect(await text('growing.mat/export.txt')).toBe('a\nb\nc\n');
    expect(f.core.log.head({ streamId: streamId('growing.mat'), epoch: 1 })).toBe(3);
  });
});
