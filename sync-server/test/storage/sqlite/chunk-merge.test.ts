import { decodeBatch, encodeBatch, type Read, readFromLine } from '@baton/schema/reads';
import { readOf, readsOf } from '@baton/testkit/store-fixtures';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_SIZE } from '../../../src/storage/chunk.ts';
import { mergeChunk } from '../../../src/storage/sqlite/chunk-merge.ts';
import type { StoredBatch } from '../../../src/storage/store.ts';
import { linesOf } from './core-fixture.ts';

const stored = (firstSeq: number, reads: readonly Read[]): StoredBatch => ({
  firstSeq,
  count: reads.length,
  batch: encodeBatch(reads),
});

const LONG = new Uint8Array(1024).fill(120);

/** The last moment of the year 9999. */
const LAST_RECEIPT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const timesOf = (row: StoredBatch): readonly number[] => {
  const batch = decodeBatch(row.batch);
  if (!batch.ok) throw new Error(batch.error.message);
  const { receivedAt } = batch.value;
  return Array.from({ length: row.count }, (_, index) => receivedAt(index));
};

/** Batches of the given sizes, one after the other. */
const rowsOfSizes = (firstSeq: number, sizes: readonly number[]): readonly StoredBatch[] => {
  let next = firstSeq;
  return sizes.map((size) => {
    const row = stored(next, readsOf(next, size));
    next += size;
    return row;
  });
};

describe('merging the rows of a full chunk', () => {
  it('[P4] makes one batch of any cut, and another of what lies beyond the end', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.nat({ max: 3 }), (cut, k) => {
        const first = k * CHUNK_SIZE + 1;
        const sum = cut.reduce((total, size) => total + size, 0);
        const rest = Math.max(0, CHUNK_SIZE - sum);
        const rows = rowsOfSizes(first, rest === 0 ? cut : [...cut, rest]).filter(
          (it) => it.firstSeq < first + CHUNK_SIZE,
        );
        const merge = mergeChunk(k, rows);
        if (merge.type !== 'merged') {
          expect(merge).toEqual({ type: 'kept', reason: 'already-whole' });
          return;
        }
        expect(merge.rows[0]).toMatchObject({ firstSeq: first, count: CHUNK_SIZE });
        expect(linesOf(merge.rows)).toEqual(linesOf(rows));
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a whole chunk, and rows that are not this chunk', () => {
    expect(mergeChunk(0, rowsOfSizes(1, [CHUNK_SIZE]))).toEqual({ type: 'kept', reason: 'already-whole' });
    expect(mergeChunk(1, rowsOfSizes(1000, [500, 600]))).toEqual({ type: 'kept', reason: 'not-aligned' });
    expect(mergeChunk(0, rowsOfSizes(1, [100]))).toEqual({ type: 'kept', reason: 'not-aligned' });
    expect(mergeChunk(0, [])).toEqual({ type: 'kept', reason: 'not-aligned' });
  });

  it('[P4] leaves reads that one batch could not carry, cut where the next chunk begins', () => {
    const large = (count: number) => Array.from({ length: count }, (_, index) => readFromLine(LONG, index));
    const whole = [stored(1, large(512)), stored(513, large(512))];
    expect(mergeChunk(0, whole)).toEqual({ type: 'kept', reason: 'too-large' });
    const beyond = [stored(1, large(512)), stored(513, large(600))];
    const cut = mergeChunk(0, beyond);
    expect(cut).toMatchObject({
      type: 'cut',
      rows: [
        { firstSeq: 513, count: 512 },
        { firstSeq: 1025, count: 88 },
      ],
    });
    if (cut.type === 'cut') expect(linesOf(cut.rows)).toEqual(linesOf(beyond.slice(1)));
  });

  it('[P4] carries reads received at the ends of time, or leaves them', () => {
    const early = readsOf(1, 1000).map((read) => ({ ...read, receivedAt: 0 }));
    const late = readsOf(1001, 1000).map((read) => ({
      ...read,
      receivedAt: LAST_RECEIPT - (read.readerTime?.length ?? 0),
    }));
    const merge = mergeChunk(0, [stored(1, early), stored(1001, late)]);
    if (merge.type !== 'merged') return;
    expect(merge.rows.flatMap(timesOf).slice(0, CHUNK_SIZE)).toEqual(
      [...early, ...late.slice(0, 24)].map((read) => read.receivedAt),
    );
  });

  it('[P16] [P4] takes any bytes that the codec takes, and never changes a line', () => {
    const half = CHUNK_SIZE / 2;
    const good = encodeBatch(readsOf(1, half));
    const flips = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    let taken = 0;
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const batch = decodeBatch(bytes);
        if (!batch.ok || batch.value.count !== half) return;
        taken += 1;
        const rows = [{ firstSeq: 1, count: half, batch: bytes }, stored(half + 1, readsOf(half + 1, half))];
        const merge = mergeChunk(0, rows);
        if (merge.type === 'merged') expect(linesOf(merge.rows)).toEqual(linesOf(rows));
      }),
      { numRuns: 200 },
    );
    expect(taken).toBeGreaterThan(10);
  });

  it('keeps every field, not only the line', () => {
    const odd: Read = { ...readOf(1), chip: 'Ünïcode', kind: 'GATE', readerTime: null, receivedAt: 0 };
    const merge = mergeChunk(0, [stored(1, [odd]), ...rowsOfSizes(2, [1023])]);
    expect(merge.type).toBe('merged');
  });
});
