import { describe, expect, it } from 'vitest';
import {
  type CompactionBounds,
  decideCompaction,
  rowsAdded,
  rowsCompacted,
  rowsFound,
  rowsKept,
  type StoredRows,
} from '../../src/docs/compaction-decision.ts';

const BOUNDS: CompactionBounds = { afterRows: 10, afterBytes: 100, quietMs: 1000, maxRows: 50 };

/** `count` rows of which the first has `whole` bytes and the others `each`, the last of them at 0. */
const rowsOf = (count: number, whole: number, each: number): StoredRows =>
  rowsFound(
    Array.from({ length: count }, (_, n) => (n === 0 ? whole : each)),
    0,
  );

const decide = (rows: StoredRows, now: number) => decideCompaction(rows, BOUNDS, now);

describe('a document is compacted', () => {
  it('when it is worth it and nothing was stored for long enough', () => {
    const rows = rowsOf(11, 10, 10);
    expect(decide(rows, 0)).toEqual({ type: 'look-again', ms: 1000 });
    expect(decide(rows, 999)).toEqual({ type: 'look-again', ms: 1 });
    expect(decide(rows, 1000)).toEqual({ type: 'compact' });
    expect(decide(rowsAdded(rows, [1], 600), 1000)).toEqual({ type: 'look-again', ms: 600 });
  });

  it('never for a few updates or a few bytes, however long it is quiet', () => {
    const never = { type: 'not-worth-it' };
    expect(decide(rowsOf(10, 10, 1000), Number.POSITIVE_INFINITY)).toEqual(never);
    expect(decide(rowsOf(11, 10, 9), Number.POSITIVE_INFINITY)).toEqual(never);
    expect(decide(rowsOf(11, 101, 10), Number.POSITIVE_INFINITY)).toEqual(never);
    expect(decide(rowsOf(0, 0, 0), Number.POSITIVE_INFINITY)).toEqual(never);
  });

  it('for many small updates too, in a quiet moment', () => {
    expect(decide(rowsOf(51, 1000, 1), 999)).toEqual({ type: 'look-again', ms: 1 });
    expect(decide(rowsOf(51, 1000, 1), 1000)).toEqual({ type: 'compact' });
  });

  it('while it is being written once there are too many updates to open it by, the more the larger it is', () => {
    expect(decide(rowsOf(50, 10, 1000), 0)).toMatchObject({ type: 'look-again' });
    expect(decide(rowsOf(51, 50, 1), 0)).toEqual({ type: 'compact' });
    expect(decide(rowsOf(51, 51, 1), 0)).toMatchObject({ type: 'look-again' });
    expect(decide(rowsOf(100, 1000, 1), 0)).toMatchObject({ type: 'look-again' });
    expect(decide(rowsOf(101, 1000, 1), 0)).toEqual({ type: 'compact' });
  });

  it('again when as much has come as it has by then; what came meanwhile counts', () => {
    const asked = rowsOf(11, 10, 10);
    const later = rowsAdded(asked, [30, 30], 5);
    const compacted = rowsCompacted(later, asked, { updates: 11, bytes: 110 });
    expect(compacted).toEqual({ count: 3, whole: 110, tail: 60, triedAt: 0, changedAt: 5 });
    const few = rowsAdded(compacted, [1, 1, 1, 1, 1, 1, 1, 1], 5);
    expect(decide(few, 1005)).toEqual({ type: 'not-worth-it' });
    expect(decide(rowsAdded(few, [42], 5), 1005)).toEqual({ type: 'compact' });
  });

  it('after a try that changed nothing only when more has come', () => {
    const kept = rowsKept(rowsOf(11, 10, 10));
    expect(decide(kept, 5000)).toEqual({ type: 'not-worth-it' });
    const more = rowsAdded(
      kept,
      Array.from({ length: 10 }, () => 1),
      0,
    );
    expect(decide(more, 5000)).toEqual({ type: 'not-worth-it' });
    expect(decide(rowsAdded(more, [1], 0), 5000)).toEqual({ type: 'compact' });
  });
});
