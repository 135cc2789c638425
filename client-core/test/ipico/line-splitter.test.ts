import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../src/ipico/line-splitter.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const texts = (lines: readonly Uint8Array[]): string[] => lines.map((line) => Buffer.from(line).toString('latin1'));

const inPieces = (input: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [...cuts].map((cut) => cut % (input.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => input.subarray(from, places[index] ?? input.length));
};

describe('line splitter', () => {
  it('[RT-36] ends lines at CR, LF and CRLF and leaves blank ones out', () => {
    expect(texts(createLineSplitter().push(bytes('one\r\ntwo\nthree\r\r\n\n\nfour\r')))).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
  });

  it('[RT-36] gives the same lines however the packets are cut', () => {
    const line = fc
      .uint8Array({ maxLength: 40 })
      .map((it) => it.map((code) => (code === 10 || code === 13 ? 7 : code)));
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\r', '\n', '\r\n')), { maxLength: 20 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 10 }), (parts, cuts) => {
        const input = Buffer.concat(parts.flatMap(([text, end]) => [text, bytes(end)]));
        const splitter = createLineSplitter();
        const lines = inPieces(input, cuts).flatMap((piece) => [...splitter.push(piece)]);
        expect(texts(lines)).toEqual(texts(parts.map(([text]) => text).filter((text) => text.length > 0)));
        expect(splitter.end()).toBe(0);
      }),
    );
  });

  it('[RT-36] drops the unfinished line of a cut connection instead of joining it to the next', () => {
    const splitter = createLineSplitter();
    splitter.push(bytes('aa0005'));
    expect(splitter.end()).toBe(6);
    expect(texts(splitter.push(bytes('aa00\r\n')))).toEqual(['aa00']);
  });

  it('[P18] holds no more than the longest line, whatever comes without a line end', () => {
    const splitter = createLineSplitter(8);
    const lines = [...splitter.push(bytes('12345678\r\n123456789'))];
    for (let round = 0; round < 1000; round++) lines.push(...splitter.push(bytes('x'.repeat(100))));
    lines.push(...splitter.push(bytes('\r\nok\r\n')));
    expect(texts(lines)).toEqual(['12345678', 'ok']);
    expect(splitter.overlong()).toBe(1);
  });

  it('copies lines, so that a reused packet buffer cannot change them', () => {
    const packet = bytes('abc\n');
    const [line] = createLineSplitter().push(packet);
    packet.fill(0);
    expect(texts([line ?? new Uint8Array()])).toEqual(['abc']);
  });
});
