import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFromLine } from '../../src/reads/index.ts';
import { type DedupMode, dedupReads as dedupReadsSliced } from '../../src/results/index.ts';
import { runAtOnce } from '../../src/roster/sliced.ts';

const dedupReads = <T extends { readonly chip: string | null; readonly readerTime: string | null }>(
  reads: readonly T[],
  mode: DedupMode,
  windowSecs: number,
): readonly T[] => runAtOnce(dedupReadsSliced(reads, mode, windowSecs));

interface Line {
  readonly seq: number;
  readonly chip: string | null;
  readonly readerTime: string | null;
}

const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 6, 10) + seconds * 1000).toISOString().slice(0, 23);

const lines = (...reads: readonly (readonly [chip: string | null, seconds: number | null])[]): readonly Line[] =>
  reads.map(([chip, seconds], index) => ({
    seq: index + 1,
    chip,
    readerTime: seconds === null ? null : at(seconds),
  }));

const kept = (reads: readonly Line[], mode: DedupMode, windowSecs = 5): readonly number[] =>
  dedupReads(reads, mode, windowSecs).map((it) => it.seq);

/** The rule once more, by chip and with lists of windows. */
const independently = (reads: readonly Line[], mode: 'first' | 'last', windowSecs: number): readonly number[] => {
  const result: number[] = reads.filter((it) => it.chip === null || it.readerTime === null).map((it) => it.seq);
  for (const chip of new Set(reads.map((it) => it.chip))) {
    const windows: { anchor: number; seqs: number[] }[] = [];
    for (const { seq, readerTime, chip: own } of reads) {
      if (own !== chip || chip === null || readerTime === null) continue;
      const time = Date.parse(`${readerTime}Z`) / 1000;
      const last = windows.at(-1);
      if (last && time - last.anchor < windowSecs && last.anchor - time < windowSecs) last.seqs.push(seq);
      else windows.push({ anchor: time, seqs: [seq] });
    }
    result.push(...windows.map(({ seqs }) => (mode === 'first' ? seqs[0]! : seqs.at(-1)!)));
  }
  return result.sort((a, b) => a - b);
};

describe('[RT-44] reads without repeats', () => {
  it('none keeps all, byte-identical repeats too', () => {
    expect(kept(lines(['a', 0], ['a', 0], ['b', 0]), 'none')).toEqual([1, 2, 3]);
  });

  it('first and last keep one of a window; a window is anchored, it does not slide', () => {
    const reads = lines(['a', 0], ['a', 3], ['b', 4], ['a', 4.99], ['a', 5], ['a', 8], ['a', 10]);
    expect(kept(reads, 'first')).toEqual([1, 3, 5, 7]);
    expect(kept(reads, 'last')).toEqual([3, 4, 6, 7]);
  });

  it('keeps a step backwards in the window it belongs to, before the anchor too', () => {
    const reads = lines(['a', 10], ['a', 9.98], ['a', 13], ['a', 12.5], ['a', 15.1]);
    expect(kept(reads, 'first')).toEqual([1, 5]);
    expect(kept(reads, 'last')).toEqual([4, 5]);
  });

  it('takes a line that is a window or more late for another passage', () => {
    expect(kept(lines(['a', 30], ['a', 10], ['a', 31]), 'first')).toEqual([1, 2, 3]);
    expect(kept(lines(['a', 30], ['a', 25], ['a', 30.1]), 'first')).toEqual([1, 2, 3]);
  });

  it('does not hide the hour after a clock was set back by one', () => {
    const reads = lines(['a', 3600], ['a', 1], ['a', 600], ['a', 1200], ['a', 3605]);
    expect(kept(reads, 'first')).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps what cannot be compared: reads without chip or time', () => {
    const reads = lines([null, 0], [null, 0], ['a', null], ['a', null], ['a', 0], ['a', 1]);
    expect(kept(reads, 'first')).toEqual([1, 2, 3, 4, 5]);
    expect(kept(reads, 'last')).toEqual([1, 2, 3, 4, 6]);
  });

  it('a window of 0 s keeps all', () => {
    expect(kept(lines(['a', 0], ['a', 0]), 'first', 0)).toEqual([1, 2]);
  });

  it('agrees with the rule told otherwise, on any reads', () => {
    const some = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', null), fc.option(fc.integer({ min: -30, max: 30 }), { freq: 10 })),
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 12 }), (reads, windowSecs) => {
        for (const mode of ['first', 'last'] as const) {
          const all = lines(...reads);
          expect(kept(all, mode, windowSecs)).toEqual(independently(all, mode, windowSecs));
        }
      }),
    );
  });
});

describe('[RT-44] reads without repeats, on recorded logs', () => {
  const folder = new URL('../../../../shared/data/ipico/', import.meta.url);
  const recorded = (file: string): readonly Line[] => {
    const url = new URL(file, folder);
    if (!existsSync(url))
      throw new Error(`recorded data is absent: expected ${file} in shared/data/ipico beside the repository`);
    const texts = readFileSync(url, 'latin1').split('\r\n');
    const reads = texts
      .filter((text) => text.startsWith('aa'))
      .map((text) => readFromLine(Buffer.from(text, 'latin1'), 0));
    return reads.map(({ chip, readerTime }, index) => ({ seq: index + 1, chip, readerTime }));
  };

  it.each([
    ['reader-dump-part.txt', 1500, 28],
    ['live-4-tags.bin', 41, 4],
    ['live-first-last-mode.bin', 8, 4],
  ] as const)('%s has %i reads and %i windows of 5 s', (file, reads, windows) => {
    const all = recorded(file);
    expect(all).toHaveLength(reads);
    for (const mode of ['first', 'last'] as const) {
      expect(kept(all, mode)).toHaveLength(windows);
      for (const windowSecs of [0, 1, 2, 5, 10, 60]) {
        expect(kept(all, mode, windowSecs)).toEqual(independently(all, mode, windowSecs));
      }
    }
  });
});
