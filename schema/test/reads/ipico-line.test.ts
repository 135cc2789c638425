import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type IpicoLineErrorType,
  parseIpicoLine,
  type ReadKind,
  readFromLine,
  renderIpicoLine,
  wallToText,
} from '../../src/reads/index.ts';
import { recordedLines } from './recorded.ts';
import { bytesOf, someIpicoFields, upperCased } from './some-reads.ts';

type Case = { readonly name: string; readonly line: string } & (
  | {
      readonly read: {
        readonly readerId: number;
        readonly tag: string;
        readonly iCount: number;
        readonly qCount: number;
        readonly wall: string;
        readonly extra: string | null;
        readonly kind: ReadKind;
      };
    }
  | { readonly error: IpicoLineErrorType }
);

const { cases } = JSON.parse(readFileSync(new URL('ipico-cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

describe('[RT-35] IPICO line', () => {
  it.each(cases.map((it) => [it.name, it] as const))('%s', (_, it) => {
    const found = parseIpicoLine(bytesOf(it.line));
    if ('error' in it) {
      expect(found.type).toBe(it.error);
      expect(found).toHaveProperty('message', expect.stringContaining('expected'));
      return;
    }
    const { wall, ...fields } = it.read;
    expect(found).toMatchObject({ type: 'read', ...fields });
    expect(found.type === 'read' && wallToText(found.wallHundredths)).toBe(wall);
  });

  it('each kind of error has a case', () => {
    const seen = new Set(cases.flatMap((it) => ('error' in it ? [it.error] : [])));
    const all: Record<IpicoLineErrorType, true> = {
      'wrong-length': true,
      'wrong-prefix': true,
      'wrong-suffix': true,
      'not-hex': true,
      'wrong-checksum': true,
      'hundredths-out-of-range': true,
      'date-out-of-range': true,
    };
    expect([...seen].sort()).toEqual(Object.keys(all).sort());
  });

  it('renders what it parses', () => {
    fc.assert(
      fc.property(someIpicoFields, (fields) => {
        const line = renderIpicoLine(fields);
        expect(parseIpicoLine(bytesOf(line))).toEqual({ type: 'read', ...fields });
        const { tag, extra } = fields;
        const upper = { ...fields, tag: tag.toUpperCase(), extra: extra === null ? null : extra.toUpperCase() };
        expect(parseIpicoLine(bytesOf(upperCased(line)))).toEqual({ type: 'read', ...upper });
      }),
    );
  });

  it('notices any single changed digit: by the checksum, unless what changed is only its letter case', () => {
    fc.assert(
      fc.property(
        someIpicoFields,
        fc.integer({ min: 2, max: 35 }),
        fc.constantFrom(...'0123456789abcdef'),
        (it, at, digit) => {
          const line = renderIpicoLine({ ...it, extra: null });
          fc.pre(line[at] !== digit);
          expect(parseIpicoLine(bytesOf(line.slice(0, at) + digit + line.slice(at + 1))).type).not.toBe('read');
        },
      ),
    );
  });

  it('never throws', () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.constantFrom(36, 38, 42, 44).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    );
    fc.assert(
      fc.property(some, (bytes) => {
        expect(parseIpicoLine(bytes).type).toMatch(/^[a-z-]+$/);
        const read = readFromLine(bytes, 5);
        expect(read.raw).toBe(bytes);
      }),
    );
  });

  it('becomes a read with its chip in lower case; another line keeps its bytes and has no fields', () => {
    const line = bytesOf(upperCased('aa07058009a1b2c3021f2706150930452a00FS'.slice(0, 36)));
    expect(readFromLine(line, 5)).toEqual({
      raw: line,
      receivedAt: 5,
      readerTime: '2027-06-15T09:30:45.420',
      chip: '058009a1b2c3',
      kind: 'RAW',
    });
    const other = bytesOf('ab00000222');
    expect(readFromLine(other, 6)).toEqual({ raw: other, receivedAt: 6, readerTime: null, chip: null, kind: 'RAW' });
  });
});

describe('[RT-35] recorded lines', () => {
  it.each([
    ['reader-dump-part.txt', 1500],
    ['made-100-reads.txt', 100],
    ['live-4-tags.bin', 41],
    ['live-first-last-mode.bin', 8],
    ['control-dialogue.bin', 2],
    ['connect-banner.bin', 0],
  ] as const)('%s has %i reads, all of which parse and render to the same bytes', (file, count) => {
    const reads = recordedLines(`ipico/${file}`).filter((line) => line.toString('latin1').startsWith('aa'));
    expect(reads).toHaveLength(count);
    for (const line of reads) {
      const parsed = parseIpicoLine(line);
      if (parsed.type !== 'read') throw new Error(`${line.toString('latin1')}: ${parsed.message}`);
      expect(renderIpicoLine(parsed)).toBe(line.toString('latin1'));
    }
  });
});
