import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  denseSpans,
  endsOf,
  joinSpans,
  locate,
  markedSpans,
  type ReadSpan,
  SPAN_ROWS,
} from '../../src/receiver/reads/read-spans.ts';

/** As the database counts positions that are held. */
const counted = (held: readonly number[], lo: number, hi: number) => {
  const newestFirst = held.filter((pos) => pos > lo && pos <= hi).sort((a, b) => b - a);
  return { rows: newestFirst.length, marks: newestFirst.filter((_, at) => (at + 1) % SPAN_ROWS === 0) };
};

const checkAll = (spans: readonly ReadSpan[], held: readonly number[]): void => {
  const newestFirst = [...held].sort((a, b) => b - a);
  const ends = endsOf(spans);
  expect(ends.at(-1) ?? 0).toBe(held.length);
  for (const [index, pos] of newestFirst.entries()) {
    const found = locate(spans, ends, index);
    const own = newestFirst.filter((it) => it > (found?.span.lo ?? 0) && it <= (found?.span.hi ?? 0)).reverse();
    expect(own.length).toBeLessThanOrEqual(SPAN_ROWS);
    expect(own[found?.fromOldest ?? -1]).toBe(pos);
  }
  expect(locate(spans, ends, held.length)).toBeNull();
};

it('leads from any row to its position where each position has a read', () => {
  const held = Array.from({ length: 1234 }, (_, at) => at + 1);
  checkAll(denseSpans(0, 1234), held);
  checkAll(joinSpans(denseSpans(1000, 1234), denseSpans(0, 1000)), held);
});

it('does so with any gaps, counted in steps and grown on top by ones', () => {
  const positions = fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 900 });
  fc.assert(
    fc.property(positions, fc.integer({ min: 0, max: 3000 }), (held, cut) => {
      const older = markedSpans(0, cut, counted(held, 0, cut));
      const newer = markedSpans(cut, 3000, counted(held, cut, 3000));
      const all = joinSpans(newer, older);
      checkAll(all, held);
      checkAll(joinSpans(denseSpans(3000, 3001), all), [...held, 3001]);
    }),
    { numRuns: 40 },
  );
});

it('does not make a span of each read that comes alone', () => {
  let spans = denseSpans(0, 10);
  for (let pos = 10; pos < 2000; pos++) spans = joinSpans(denseSpans(pos, pos + 1), spans);
  expect(spans.length).toBe(Math.ceil(2000 / SPAN_ROWS));
});
