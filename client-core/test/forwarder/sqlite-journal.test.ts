import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventId, NodeId } from '@baton/schema/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal, JournalChange, JournalLine } from '../../src/forwarder/journal.ts';
import { openSqliteJournal } from '../../src/forwarder/sqlite-journal.ts';

let directory: string;
let opened: Journal[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'baton-journal-'));
});

afterEach(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  opened = [];
  rmSync(directory, { recursive: true, force: true });
});

const open = (maxPages?: number): Journal => {
  const result = openSqliteJournal({ directory, ...(maxPages === undefined ? {} : { maxPages }) });
  if (!result.ok) throw new Error(result.error.message);
  opened.push(result.value);
  return result.value;
};

const refusal = (): string => {
  const result = openSqliteJournal({ directory });
  if (result.ok) throw new Error('expected a refusal');
  return `${result.error.type}: ${result.error.message}`;
};

const lines = (count: number, from = 1): JournalLine[] =>
  Array.from({ length: count }, (_, index) => ({ raw: Buffer.from(`line ${from + index}`), receivedAt: 1000 + index }));

const append = (epoch: number, firstSeq: number, count: number): JournalChange => ({
  type: 'append',
  reader: 'start',
  epoch,
  firstSeq,
  lines: lines(count, firstSeq),
});

const openEpoch = (epoch: number, confirmed = true, reader = 'start'): JournalChange => ({
  type: 'openEpoch',
  reader,
  epoch,
  confirmed,
});

const texts = async (journal: Journal, epoch: number, fromSeq = 1, limit = 100): Promise<string[]> =>
  (await journal.read({ reader: 'start', epoch, fromSeq, limit })).map(({ raw }) => Buffer.from(raw).toString());

describe('journal', () => {
  it('begins empty, and keeps what was committed', async () => {
    const journal = open();
    expect(journal.opened).toEqual({ identity: null, streams: [] });
    const identity = { eventId: EventId.parse('e1'), nodeId: NodeId.parse('n1'), label: 'Mat 1' };
    const reply = await journal.commit([
      { type: 'setIdentity', identity },
      openEpoch(1, false),
      { type: 'confirmEpoch', reader: 'start', epoch: 1 },
      append(1, 1, 3),
      append(1, 4, 2),
      { type: 'setAcked', reader: 'start', epoch: 1, seq: 4 },
      openEpoch(2),
      append(2, 1, 1),
    ]);
    expect(reply).toEqual({ type: 'committed' });
    await journal.close();
    const again = open();
    expect(again.opened).toEqual({
      identity,
      streams: [
        {
          reader: 'start',
          epochs: [
            { epoch: 1, first: 1, head: 5, acked: 4, confirmed: true },
            { epoch: 2, first: 1, head: 1, acked: 0, confirmed: true },
          ],
        },
      ],
    });
    expect(await texts(again, 1, 2, 3)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(await again.read({ reader: 'start', epoch: 1, fromSeq: 1, limit: 1 })).toEqual([
      { raw: Buffer.from('line 1'), receivedAt: 1000 },
    ]);
  });

  it('applies all changes of a commit or none', async () => {
    const journal = open();
    await journal.commit([openEpoch(1), append(1, 1, 2)]);
    await expect(journal.commit([append(1, 3, 1), append(1, 9, 1)])).rejects.toThrow('expected seq 4');
    expect(await texts(journal, 1)).toEqual(['line 1', 'line 2']);
    expect(await journal.commit([append(1, 3, 1)])).toEqual({ type: 'committed' });
  });

  it('[RT-34] moves the rest of an epoch under fresh numbers in one commit', async () => {
    const journal = open();
    await journal.commit([openEpoch(1), append(1, 1, 5), { type: 'setAcked', reader: 'start', epoch: 1, seq: 2 }]);
    await journal.commit([openEpoch(7), { type: 'move', reader: 'start', epoch: 1, fromSeq: 3, toEpoch: 7 }]);
    expect(await texts(journal, 1)).toEqual(['line 1', 'line 2']);
    expect(await texts(journal, 7)).toEqual(['line 3', 'line 4', 'line 5']);
    await journal.close();
    expect(open().opened.streams[0]?.epochs).toEqual([
      { epoch: 1, first: 1, head: 2, acked: 2, confirmed: true },
      { epoch: 7, first: 1, head: 3, acked: 0, confirmed: true },
    ]);
  });

  it('[P9] deletes only what is acked and old, a bounded number at once, and keeps the numbers', async () => {
    const journal = open();
    await journal.commit([openEpoch(1), append(1, 1, 10), { type: 'setAcked', reader: 'start', epoch: 1, seq: 7 }]);
    const prune = (receivedBefore: number, limit: number) =>
      journal.prune({ reader: 'start', epoch: 1, receivedBefore, limit });
    expect(await prune(1000, 100)).toEqual({ first: 1, full: false });
    expect(await prune(1005, 3)).toEqual({ first: 4, full: true });
    expect(await prune(1005, 3)).toEqual({ first: 6, full: false });
    expect(await prune(9999, 100)).toEqual({ first: 8, full: false });
    expect(await prune(9999, 100)).toEqual({ first: 8, full: false });
    expect(await texts(journal, 1, 8)).toEqual(['line 8', 'line 9', 'line 10']);
    expect(await texts(journal, 1, 7)).toEqual([]);
    await journal.commit([{ type: 'setAcked', reader: 'start', epoch: 1, seq: 10 }]);
    expect(await prune(9999, 100)).toEqual({ first: 11, full: false });
    await journal.close();
    const again = open();
    expect(again.opened.streams[0]?.epochs).toEqual([{ epoch: 1, first: 11, head: 10, acked: 10, confirmed: true }]);
    expect(await again.commit([append(1, 11, 1)])).toEqual({ type: 'committed' });
  });

  it('refuses a second forwarder with one clear line, and is free again afterwards', async () => {
    const journal = open();
    expect(refusal()).toMatch(/^locked: another forwarder uses the journal in .*; stop it or give another --journal$/);
    await journal.close();
    await open().close();
  });

  it('[P22] a full disk stores nothing, says so, and goes on when there is space', async () => {
    const journal = open(12);
    await journal.commit([openEpoch(1), append(1, 1, 5)]);
    const big: JournalChange = { type: 'append', reader: 'start', epoch: 1, firstSeq: 6, lines: lines(5000, 6) };
    expect(await journal.commit([openEpoch(1, true, 'other'), big])).toMatchObject({ type: 'storage-full' });
    expect(await texts(journal, 1)).toHaveLength(5);
    expect(await journal.commit([append(1, 6, 2)])).toEqual({ type: 'committed' });
    expect(await journal.commit([openEpoch(1, true, 'other')])).toEqual({ type: 'committed' });
    expect(await texts(journal, 1)).toHaveLength(7);
  });
});

describe('[P24] a damaged journal is refused, never replaced', () => {
  const path = (): string => join(directory, 'journal.db');
  const fill = async (): Promise<void> => {
    const journal = open();
    await journal.commit([openEpoch(1), append(1, 1, 2000)]);
    await journal.close();
  };

  it.each([
    [
      'not a database',
      () => writeFileSync(path(), 'this is no database, and it is long enough to be looked at'.repeat(99)),
    ],
    ['cut to nothing', () => truncateSync(path(), 0)],
    ['cut short', () => truncateSync(path(), 8192)],
    [
      'overwritten in the middle',
      () => {
        const bytes = readFileSync(path());
        bytes.fill(0xff, 4096, 12_288);
        writeFileSync(path(), bytes);
      },
    ],
    [
      'gone, with its log still there',
      () => {
        writeFileSync(`${path()}-wal`, 'x');
        rmSync(path());
      },
    ],
  ])('%s', async (_, harm) => {
    await fill();
    harm();
    const content = (): string | null => (existsSync(path()) ? readFileSync(path(), 'base64') : null);
    const before = content();
    expect(refusal()).toMatch(/^damaged: the journal in .* is damaged \(.*\); keep a copy of the directory/);
    expect(content() === before).toBe(true);
  });

  it('another program’s database', async () => {
    const Database = (await import('better-sqlite3')).default;
    new Database(path()).exec('CREATE TABLE t (a)').close();
    expect(refusal()).toMatch(/damaged \(it is not a journal\)/);
  });

  it('a directory that cannot be', () => {
    writeFileSync(join(directory, 'file'), '');
    const result = openSqliteJournal({ directory: join(directory, 'file', 'journal') });
    expect(result).toMatchObject({ ok: false, error: { type: 'unusable' } });
  });
});
