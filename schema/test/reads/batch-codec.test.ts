import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Batch,
  decodeBatch,
  encodeBatch,
  MAX_BATCH_BYTES,
  MAX_BATCH_READS,
  MAX_RAW_BYTES,
  type Read,
  readDefect,
  readFromLine,
  readsOfBatch,
  sliceBatch,
} from '../../src/reads/index.ts';
import { recordedGzipLines, recordedLines } from './recorded.ts';
import { bytesOf, someRead } from './some-reads.ts';

const decoded = (bytes: Uint8Array): Batch => {
  const batch = decodeBatch(bytes);
  if (!batch.ok) throw new Error(batch.error.message);
  return batch.value;
};

const readsOf = (batch: Batch): readonly Read[] => Array.from({ length: batch.count }, (_, index) => batch.at(index));

const plain = (read: Read): object => ({ ...read, raw: Buffer.from(read.raw).toString('latin1') });

const expectSameReads = (found: readonly Read[], expected: readonly Read[]): void => {
  expect(found.map(plain)).toEqual(expected.map(plain));
};

const LINE = bytesOf('aa00058001712d6c0a2a0126030620274723a6');
const opaque: Read = { raw: bytesOf('hello'), receivedAt: 5, readerTime: null, chip: null, kind: 'RAW' };

describe('batch codec', () => {
  it('gives back every read exactly: lines of all forms, damaged ones, those of other systems', () => {
    fc.assert(
      fc.property(fc.array(someRead, { minLength: 1, maxLength: 60 }), (reads) => {
        const batch = decoded(encodeBatch(reads));
        expectSameReads(readsOf(batch), reads);
        for (const [index, read] of reads.entries()) {
          expect(Buffer.from(batch.rawAt(index))).toEqual(Buffer.from(read.raw));
          expect(batch.receivedAt(index)).toBe(read.receivedAt);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its bytes: what is stored today can be read tomorrow', () => {
    const reads = [
      readFromLine(bytesOf('aa400000000123450a2a01123018455927a7'), 1_772_828_867_400),
      readFromLine(bytesOf('aa400000000123450a2a01123018455927a7FS'), 1_772_828_867_425),
      readFromLine(bytesOf('aa00058000123b3200012603081222022f060080cd'), 1_772_828_867_450),
      { ...opaque, receivedAt: 1_772_828_867_475, chip: 'c', readerTime: 't' },
    ];
    const bytes = encodeBatch(reads);
    expect(Buffer.from(bytes).toString('hex')).toMatchInlineSnapshot(
      `"01040401020400c8f6d6a6cc330300330102000000012345058000123b32e3b48794f802034001000340000104ea280001080100a8a9b8a7f108038082300568656c6c6f01017401016303524157"`,
    );
    expectSameReads(readsOf(decoded(bytes)), reads);
  });

  it('numbers its reads and cuts a piece out', () => {
    fc.assert(
      fc.property(fc.array(someRead, { minLength: 2, maxLength: 40 }), fc.nat(), fc.nat(), (reads, a, b) => {
        const from = a % (reads.length - 1);
        const to = from + 1 + (b % (reads.length - from));
        const batch = decoded(encodeBatch(reads));
        expectSameReads(readsOf(decoded(sliceBatch(batch, from, to))), reads.slice(from, to));
        expect(readsOfBatch(batch, 7).map((it) => it.seq)).toEqual(reads.map((_, index) => 7 + index));
      }),
    );
  });

  it('carries 1 to 1024 reads', () => {
    const read = readFromLine(LINE, 1);
    const most = Array.from({ length: MAX_BATCH_READS }, () => read);
    expect(decoded(encodeBatch(most)).count).toBe(MAX_BATCH_READS);
    expect(() => encodeBatch([])).toThrow(RangeError);
    expect(() => encodeBatch([...most, read])).toThrow(RangeError);
    expect(() => decoded(encodeBatch([read])).at(1)).toThrow(RangeError);
  });

  it.each<[string, Partial<Read>]>([
    ['a line too long', { raw: new Uint8Array(MAX_RAW_BYTES + 1) }],
    ['a time before 1970', { receivedAt: -1 }],
    ['a broken millisecond', { receivedAt: 0.5 }],
    ['no time', { receivedAt: Number.NaN }],
    ['a time after the year 9999', { receivedAt: 253_402_300_800_000 }],
    ['a chip too long', { chip: 'c'.repeat(129) }],
    ['a reader time too long', { readerTime: 't'.repeat(129) }],
    ['a kind too long', { kind: 'k'.repeat(129) }],
  ])('refuses to encode what its own decoder would refuse: %s', (_, wrong) => {
    expect(readDefect({ ...opaque, ...wrong })).not.toBeNull();
    expect(() => encodeBatch([opaque, { ...opaque, ...wrong }])).toThrow(RangeError);
  });

  it('carries what is just within the limits', () => {
    const read: Read = {
      raw: new Uint8Array(MAX_RAW_BYTES),
      receivedAt: 253_402_300_799_999,
      readerTime: 't'.repeat(128),
      chip: '€'.repeat(128),
      kind: '',
    };
    expectSameReads(readsOf(decoded(encodeBatch([{ ...opaque, receivedAt: 0 }, read, { ...opaque, receivedAt: 0 }]))), [
      { ...opaque, receivedAt: 0 },
      read,
      { ...opaque, receivedAt: 0 },
    ]);
  });
});

describe('batch codec, hostile bytes', () => {
  /** Decodes and, if that goes well, builds every read: neither may throw. */
  const survive = (bytes: Uint8Array): boolean => {
    const batch = decodeBatch(bytes);
    if (!batch.ok) {
      expect(batch.error.type).toBe('malformed-batch');
      return false;
    }
    expect(batch.value.count).toBeLessThanOrEqual(MAX_BATCH_READS);
    for (let index = 0; index < batch.value.count; index++) {
      const read = batch.value.at(index);
      expect(read.raw.length).toBeLessThanOrEqual(MAX_RAW_BYTES);
      expect(readDefect(read)).toBeNull();
    }
    return true;
  };

  const someBatch = fc.array(someRead, { minLength: 1, maxLength: 12 }).map((reads) => encodeBatch(reads));

  it('refuses every truncation', () => {
    fc.assert(
      fc.property(someBatch, (bytes) => {
        for (let length = 0; length < bytes.length; length++) expect(survive(bytes.subarray(0, length))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses bytes after the last read', () => {
    fc.assert(
      fc.property(someBatch, fc.uint8Array({ minLength: 1, maxLength: 9 }), (bytes, more) => {
        expect(survive(Uint8Array.from([...bytes, ...more]))).toBe(false);
      }),
    );
  });

  it('survives any flipped bit, and what it then takes can be encoded again', () => {
    fc.assert(
      fc.property(someBatch, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const flipped = Uint8Array.from(bytes);
        flipped[at % bytes.length]! ^= 1 << bit;
        if (!survive(flipped)) return;
        const reads = readsOf(decoded(flipped));
        expectSameReads(readsOf(decoded(encodeBatch(reads))), reads);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void survive(bytes)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1024 }), fc.uint8Array({ maxLength: 300 }), (count, bytes) => {
        survive(Uint8Array.from([1, count & 127, ...bytes]));
      }),
      { numRuns: 2000 },
    );
  });

  /** 2^53 - 1 as a varUint. */
  const huge = [255, 255, 255, 255, 255, 255, 255, 15];

  it.each<[string, readonly number[]]>([
    ['count', [1, ...huge]],
    ['bytes of a column', [1, 1, ...huge]],
    ['run of a column', [1, 1, 12, 0x40, ...huge, 0, 0, 0]],
    ['tags', [1, 1, 1, 1, 0, 1, 0, ...huge]],
    ['line', [1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...huge]],
    ['number of endless length', [1, ...Array.from({ length: 200_000 }, () => 255)]],
  ])('never allocates by a declared %s', (_, bytes) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(survive(Uint8Array.from(bytes))).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('refuses more than a mebibyte unseen', () => {
    expect(survive(new Uint8Array(MAX_BATCH_BYTES + 1).fill(1))).toBe(false);
  });

  it('refuses another version', () => {
    const bytes = encodeBatch([opaque]);
    bytes[0] = 2;
    expect(decodeBatch(bytes)).toMatchObject({ error: { message: 'expected batch version 1' } });
  });
});

describe('batch codec, recorded logs', () => {
  const inBatches = (reads: readonly Read[], size: number): readonly Uint8Array[] =>
    Array.from({ length: Math.ceil(reads.length / size) }, (_, index) =>
      encodeBatch(reads.slice(index * size, (index + 1) * size)),
    );

  const expectExact = (batches: readonly Uint8Array[], reads: readonly Read[]): void => {
    expectSameReads(
      batches.flatMap((bytes) => readsOf(decoded(bytes))),
      reads,
    );
  };

  it('takes at most 8 bytes a read of a reader’s dump in batches of 50', () => {
    const reads = recordedLines('ipico/reader-dump-part.txt').map((line, index) =>
      readFromLine(line, 1.77e12 + index * 75),
    );
    const batches = inBatches(reads, 50);
    expectExact(batches, reads);
    const bytes = batches.reduce((sum, batch) => sum + batch.length, 0);
    expect(bytes / reads.length).toBeLessThanOrEqual(8);
    expect(bytes / reads.length).toBeLessThanOrEqual(4);
  });

  it.each([
    'made-100-reads.txt',
    'live-4-tags.bin',
    'live-first-last-mode.bin',
    'connect-banner.bin',
    'control-dialogue.bin',
  ])('keeps every line of %s, whatever it is', (file) => {
    const reads = recordedLines(`ipico/${file}`).map((line, index) => readFromLine(line, 1.77e12 + index));
    expectExact(inBatches(reads, 50), reads);
  });

  it.each([1, 2, 3])('keeps log %i of the 24-hour relay, whose lines it does not know', (piece) => {
    const reads = recordedGzipLines(`relay24h/reader-2-log${piece}.json.gz`).map((line, index): Read => {
      const { tag, updateTime } = JSON.parse(line.toString()) as { tag: string; updateTime: number };
      return { raw: line, receivedAt: 1.47e12 + index, readerTime: `${updateTime}`, chip: tag, kind: 'RAW' };
    });
    expect(reads.length).toBeGreaterThan(50);
    expectExact(inBatches(reads, 50), reads);
  });
});
