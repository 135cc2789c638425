import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AppendDecision, decideAppend, sameBytes } from '../../src/reads/index.ts';

/** A log as a plain list, and the rule applied one read at a time. */
const naiveAppend = (log: readonly string[], firstSeq: number, raws: readonly string[]): AppendDecision => {
  const head = log.length;
  if (firstSeq > head + 1) return { type: 'gap', head, expected: head + 1 };
  let duplicates = 0;
  for (const [index, raw] of raws.entries()) {
    const stored = log[firstSeq + index - 1];
    if (stored === undefined) break;
    if (stored !== raw) return { type: 'conflict', head, seq: firstSeq + index };
    duplicates++;
  }
  if (duplicates === raws.length) return { type: 'duplicate', head, duplicates };
  return { type: 'accepted', fromSeq: head + 1, head: firstSeq + raws.length - 1, duplicates };
};

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const decide = (log: readonly string[], firstSeq: number, raws: readonly string[]): AppendDecision =>
  decideAppend({ head: log.length }, { firstSeq, raws: raws.map(bytes) }, (seq) => {
    const stored = log[seq - 1];
    return stored === undefined ? undefined : bytes(stored);
  });

/** Few different lines, so that repeats and accidental agreement are frequent. */
const someLines = fc.array(fc.constantFrom('a', 'b', 'ab', ''), { maxLength: 6 });

const someBatches = fc.array(
  fc.record({
    firstSeq: fc.integer({ min: 1, max: 9 }),
    raws: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 20 },
);

describe('[RT-34] append decision', () => {
  it('agrees with a list that takes one read at a time', () => {
    fc.assert(
      fc.property(
        someLines,
        fc.integer({ min: 1, max: 9 }),
        someLines.filter((it) => it.length > 0),
        (log, firstSeq, raws) => {
          expect(decide(log, firstSeq, raws)).toEqual(naiveAppend(log, firstSeq, raws));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('over any history: the log only grows, what is stored never changes, and a batch sent again is a duplicate', () => {
    fc.assert(
      fc.property(someBatches, (batches) => {
        let log: readonly string[] = [];
        for (const { firstSeq, raws } of batches) {
          const decision = decide(log, firstSeq, raws);
          const before = log;
          if (decision.type === 'accepted') log = [...log, ...raws.slice(decision.fromSeq - firstSeq)];
          expect(log.slice(0, before.length)).toEqual(before);
          expect(decision.head).toBe(log.length);
          if (decision.type === 'accepted' || decision.type === 'duplicate') {
            expect(decide(log, firstSeq, raws)).toEqual({
              type: 'duplicate',
              head: log.length,
              duplicates: raws.length,
            });
          }
        }
      }),
    );
  });

  it('counts what it knew already of a batch that overlaps', () => {
    expect(decide(['a', 'b'], 2, ['b', 'c'])).toEqual({ type: 'accepted', fromSeq: 3, head: 3, duplicates: 1 });
  });

  it('keeps the first bytes of a number and names it', () => {
    expect(decide(['a', 'b'], 1, ['a', 'x', 'c'])).toEqual({ type: 'conflict', head: 2, seq: 2 });
    expect(decide(['a', ''], 2, ['b'])).toEqual({ type: 'conflict', head: 2, seq: 2 });
  });

  it('says what it needs before a batch that comes too early', () => {
    expect(decide(['a'], 3, ['c'])).toEqual({ type: 'gap', head: 1, expected: 2 });
    expect(decide([], Number.MAX_SAFE_INTEGER - 10_000, ['c'])).toEqual({ type: 'gap', head: 0, expected: 1 });
  });

  it('does not take a number it should know and cannot find for a duplicate', () => {
    const lost = decideAppend({ head: 2 }, { firstSeq: 1, raws: [bytes('a')] }, () => undefined);
    expect(lost).toEqual({ type: 'conflict', head: 2, seq: 1 });
  });

  it('compares bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (a, b) => {
        expect(sameBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(sameBytes(a, Uint8Array.from(a))).toBe(true);
      }),
    );
  });
});
