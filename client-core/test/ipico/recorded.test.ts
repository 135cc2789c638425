import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classifyLine } from '../../src/ipico/classify.ts';
import { createLineSplitter } from '../../src/ipico/line-splitter.ts';

const recorded = (name: string): Uint8Array => {
  const path = fileURLToPath(new URL(`../../../../shared/data/ipico/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`recorded data is absent: expected ${path}`);
  return readFileSync(path);
};

interface Counts {
  readonly read: number;
  readonly control: number;
  readonly banner: number;
  readonly unparsable: number;
}

const count = (input: Uint8Array, packet: number): { counts: Counts; reads: string[] } => {
  const splitter = createLineSplitter();
  const counts = { read: 0, control: 0, banner: 0, unparsable: 0 };
  const reads: string[] = [];
  for (let at = 0; at < input.length; at += packet) {
    for (const line of splitter.push(input.subarray(at, at + packet))) {
      const { type } = classifyLine(line);
      counts[type] += 1;
      if (type === 'read') reads.push(Buffer.from(line).toString('latin1'));
    }
  }
  return { counts, reads };
};

/** Computed without the code under test: the lines that start with `aa`. */
const expectedReads = (input: Uint8Array): string[] =>
  Buffer.from(input)
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('aa'));

describe('recorded readers', () => {
  it.each([
    ['reader-dump-part.txt', { read: 1500, control: 0, banner: 0, unparsable: 0 }],
    ['live-4-tags.bin', { read: 41, control: 3, banner: 0, unparsable: 0 }],
    ['live-first-last-mode.bin', { read: 8, control: 0, banner: 0, unparsable: 0 }],
    ['connect-banner.bin', { read: 0, control: 17, banner: 2, unparsable: 0 }],
    ['control-dialogue.bin', { read: 2, control: 3, banner: 0, unparsable: 0 }],
    ['made-100-reads.txt', { read: 100, control: 0, banner: 0, unparsable: 0 }],
  ])('[RT-35] [RT-36] %s, in packets of any size', (name, expected) => {
    const input = recorded(name);
    for (const packet of [1, 7, 37, 38, 64, 1460, input.length]) {
      const { counts, reads } = count(input, packet);
      expect(counts).toEqual(expected);
      expect(reads).toEqual(expectedReads(input));
    }
  });
});
