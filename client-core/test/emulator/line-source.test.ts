import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderIpicoLine } from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOfRecording, type Pace, replay, type TimedLine } from '../../src/emulator/line-source.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const texts = (lines: readonly Uint8Array[]): string[] => lines.map((line) => Buffer.from(line).toString('latin1'));

const recorded = (name: string): Uint8Array => {
  const path = fileURLToPath(new URL(`../../../../shared/data/ipico/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`recorded data is absent: expected ${path}`);
  return readFileSync(path);
};

/** A read at so many hundredths after some morning. */
const readAt = (hundredths: number): Uint8Array =>
  bytes(
    renderIpicoLine({
      readerId: 0,
      tag: '058000000001',
      iCount: 0,
      qCount: 1,
      wallHundredths: 177_000_000_000 + hundredths,
      extra: null,
      kind: 'RAW',
    }),
  );

const dueOf = (lines: readonly Uint8Array[], pace: Pace): number[] =>
  [...replay(lines, pace, false)].map(({ atMs }) => atMs);

const take = (source: Iterator<TimedLine>, count: number): TimedLine[] =>
  Array.from({ length: count }, () => source.next().value as TimedLine);

describe('lines of a recording', () => {
  it('keeps every line, blank ones too, whatever ends it', () => {
    expect(texts(linesOfRecording(bytes('a\r\n\r\nb\nc\rd')))).toEqual(['a', '', 'b', 'c', 'd']);
    expect(linesOfRecording(bytes(''))).toEqual([]);
    expect(texts(linesOfRecording(bytes('\n\n')))).toEqual(['', '']);
  });

  it.each([
    'reader-dump-part.txt',
    'live-4-tags.bin',
    'live-first-last-mode.bin',
    'connect-banner.bin',
    'control-dialogue.bin',
  ])('[RT-36] %s goes out byte for byte', (name) => {
    const input = recorded(name);
    const wire = Buffer.from(
      linesOfRecording(input)
        .map((line) => `${Buffer.from(line).toString('latin1')}\r\n`)
        .join(''),
      'latin1',
    );
    expect(wire.equals(input)).toBe(true);
  });
});

describe('pace', () => {
  it('so many lines a second', () => {
    expect(dueOf([readAt(0), bytes('x'), readAt(5)], { type: 'rate', linesPerSecond: 20 })).toEqual([0, 50, 100]);
  });

  it('as recorded, and so many times faster', () => {
    const lines = [bytes('banner'), readAt(0), readAt(100), bytes('ab00'), readAt(250)];
    expect(dueOf(lines, { type: 'recorded', speed: 1 })).toEqual([0, 0, 1000, 1000, 2500]);
    expect(dueOf(lines, { type: 'recorded', speed: 10 })).toEqual([0, 0, 100, 100, 250]);
  });

  it('late lines come at once; a clock that was set starts a new count', () => {
    const minute = 6000;
    const lines = [0, 3000, 1000, 3100, 3100 - 10 * minute, 3200 - 10 * minute, 999_999_999, 999_999_999 + 100].map(
      readAt,
    );
    expect(dueOf(lines, { type: 'recorded', speed: 1 })).toEqual([
      0, 30_000, 30_000, 31_000, 31_000, 32_000, 32_000, 33_000,
    ]);
  });

  it('no wait is ever negative', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000_000 })), (times) => {
        const due = dueOf(times.map(readAt), { type: 'recorded', speed: 3 });
        expect(due).toEqual(due.toSorted((a, b) => a - b));
      }),
    );
  });

  it('begins again without a jump when it loops, and ends when it does not', () => {
    const lines = [readAt(0), readAt(100)];
    expect(take(replay(lines, { type: 'rate', linesPerSecond: 10 }, true), 5).map(({ atMs }) => atMs)).toEqual([
      0, 100, 200, 300, 400,
    ]);
    expect(take(replay(lines, { type: 'recorded', speed: 1 }, true), 4).map(({ atMs }) => atMs)).toEqual([
      0, 1000, 2000, 3000,
    ]);
    expect([...replay([], { type: 'recorded', speed: 1 }, true)]).toEqual([]);
  });
});
