import { statSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBatch } from '@baton/schema/reads';
import { createSeededRandom } from '@baton/testkit';
import { batchOf, PAIR, rawsOf, readsOf } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_SIZE } from '../../../src/storage/chunk.ts';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { type CoreFixture, doAllUpkeep, linesOf, openCore, rowsOf, TWO_STREAMS } from './core-fixture.ts';

/** What is left of thirty batches of a hundred after two chunks. */
const NINE_ROWS = Array.from({ length: 9 }, (_, index) => `${2101 + index * 100}+100`);
const ALL = { maxReads: 1_000_000, maxBytes: 1_000_000_000 };

let directory = temporaryDirectory();
let fixture: CoreFixture;
beforeEach(() => {
  directory = temporaryDirectory();
  fixture = openCore(directory.path);
  fixture.core.write([{ type: 'commit', changes: TWO_STREAMS }]);
});
afterEach(() => {
  fixture.db.close();
  directory.remove();
});

const restart = (): void => {
  fixture.db.close();
  fixture = openCore(directory.path);
};

const fill = (from: number, to: number, size: number): void => {
  for (let seq = from; seq <= to; seq += size) {
    const batch = batchOf(seq, Math.min(size, to - seq + 1));
    const [reply] = fixture.core.write([{ type: 'append', command: { ...PAIR, firstSeq: seq, batch } }]);
    expect(reply?.type).toBe('accepted');
  }
};

const linesAfter = (afterSeq: number): readonly string[] => {
  const rows = fixture.core.readBatches({ ...PAIR, afterSeq, ...ALL });
  return linesOf(rows).slice(afterSeq + 1 - (rows[0]?.firstSeq ?? 1));
};

describe('compaction into chunks', () => {
  it('makes one row of each full chunk, splits what lies across its end, and leaves the open chunk', () => {
    fill(1, 2 * CHUNK_SIZE + 452, 500);
    expect(rowsOf(fixture.db)).toEqual(['1+500', '501+500', '1001+500', '1501+500', '2001+500']);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toEqual(['1+1024', '1025+1024', '2049+452']);
    fill(2501, 3300, 400);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toEqual(['1+1024', '1025+1024', '2049+1024', '3073+228']);
  });

  it('[P4] changes no line, at any offset', () => {
    fill(1, 2200, 37);
    const lines = rawsOf(1, 2200);
    expect(linesAfter(0)).toEqual(lines);
    doAllUpkeep(fixture.core);
    for (let after = 0; after < 2200; after += 13) expect(linesAfter(after)).toEqual(lines.slice(after));
    for (const after of [1022, 1023, 1024, 1025, 2047, 2048, 2049])
      expect(linesAfter(after)).toEqual(lines.slice(after));
  });

  it('still knows repeats and conflicts afterwards', () => {
    fill(1, 1100, 100);
    doAllUpkeep(fixture.core);
    const replies = fixture.core.write([
      { type: 'append', command: { ...PAIR, firstSeq: 1001, batch: batchOf(1001, 100) } },
      { type: 'append', command: { ...PAIR, firstSeq: 1020, batch: batchOf(1020, 100) } },
      { type: 'append', command: { ...PAIR, firstSeq: 500, batch: batchOf(500, 2, 1) } },
    ]);
    expect(replies).toMatchObject([
      { type: 'duplicate', duplicates: 100 },
      { type: 'accepted', duplicates: 81 },
      { type: 'conflict', seq: 500 },
    ]);
  });

  it('does a bounded piece a step, by turns, and goes on after a restart where it was', () => {
    fill(1, 10 * CHUNK_SIZE, CHUNK_SIZE / 2);
    fixture.core.upkeep();
    const first = rowsOf(fixture.db).filter((row) => row.endsWith('+1024')).length;
    expect(first).toBe(4);
    restart();
    expect(fixture.core.hasUpkeep()).toBe(true);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toHaveLength(10);
    restart();
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toHaveLength(10);
    expect(linesAfter(0)).toEqual(rawsOf(1, 10 * CHUNK_SIZE));
  });

  it('[P22] does not let the write-ahead log grow with what it rewrites', () => {
    const [half, chunks] = [CHUNK_SIZE / 2, 50];
    const random = createSeededRandom(5);
    const some = Array.from({ length: 3 }, () =>
      encodeBatch(readsOf(1, half).map((read) => ({ ...read, raw: random.bytes(200) }))),
    );
    const request = (index: number) => ({
      type: 'append' as const,
      command: { ...PAIR, firstSeq: 1 + index * half, batch: some[index % 3] ?? new Uint8Array() },
    });
    for (let index = 0; index < 2 * chunks; index++) fixture.core.write([request(index)]);
    fixture.db.pragma('wal_checkpoint(TRUNCATE)');
    let longest = 0;
    while (fixture.core.hasUpkeep()) {
      fixture.core.upkeep();
      longest = Math.max(longest, statSync(join(directory.path, 'relay.db-wal')).size);
    }
    expect(rowsOf(fixture.db)).toHaveLength(chunks);
    expect(fixture.core.sizeBytes() - longest).toBeGreaterThan(chunks * CHUNK_SIZE * 150);
    expect(longest).toBeLessThan(8 * 1024 * 1024);
  });

  it('[P4] a chunk too large for one batch keeps its rows and stops no other', () => {
    const long = (from: number) =>
      encodeBatch(readsOf(from, 900).map((read) => ({ ...read, raw: new Uint8Array(1024).fill(from % 256) })));
    fixture.core.write([
      { type: 'append', command: { ...PAIR, firstSeq: 1, batch: long(1) } },
      { type: 'append', command: { ...PAIR, firstSeq: 901, batch: long(901) } },
    ]);
    const before = linesAfter(0);
    fill(1801, 4200, 400);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toEqual(['1+900', '901+124', '1025+1024', '2049+1024', '3073+1024', '4097+104']);
    expect(linesAfter(0)).toEqual([...before, ...rawsOf(1801, 2400)]);
  });

  it('[P22] a full disk leaves the rows as they are, and compaction goes on when there is space', () => {
    fill(1, 3000, 100);
    const pages = Number(fixture.db.pragma('page_count', { simple: true }));
    fixture.db.pragma(`max_page_count = ${pages}`);
    fixture.core.write([{ type: 'appendDoc', name: 'filler', updates: pack(new Uint8Array(100)) }]);
    doAllUpkeep(fixture.core);
    expect(fixture.core.failure()).toBeNull();
    expect(linesAfter(0)).toEqual(rawsOf(1, 3000));
    fixture.db.pragma('max_page_count = 1000000');
    fill(3001, 3001, 1);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toEqual(['1+1024', '1025+1024', '2049+52', ...NINE_ROWS, '3001+1']);
    expect(linesAfter(0)).toEqual(rawsOf(1, 3001));
  });
});
