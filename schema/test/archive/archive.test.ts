import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkArchive,
  createLineCutter,
  createReadsCutter,
  endLine,
  epochLine,
  type Hashing,
  headLine,
} from '../../src/archive/index.ts';
import { EventId, StreamId } from '../../src/ids.ts';
import { decodeBatch, type NumberedRead, readFromLine, readsOfBatch } from '../../src/reads/index.ts';

const sha256 = (): Hashing => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};

const readsOf = (sizes: readonly number[]): readonly NumberedRead[] =>
  sizes.map((size, index) => ({
    ...readFromLine(Buffer.alloc(size, 97 + (index % 26)), 1000 + index),
    seq: index + 1,
  }));

const cutAt = <T>(items: readonly T[], places: readonly number[]): readonly (readonly T[])[] => {
  const bounds = [0, ...[...places].sort((a, b) => a - b), items.length];
  return bounds.slice(1).map((to, index) => items.slice(bounds[index], to));
};

const linesOf = (parts: readonly (readonly NumberedRead[])[]): readonly string[] => {
  const cutter = createReadsCutter((bytes) => Buffer.from(bytes).toString('base64'));
  return [...parts.flatMap((part) => cutter.take(part)), ...cutter.rest()];
};

async function* bytesOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const textOf = (lines: readonly string[], reads: number): string => {
  const text = lines.map((it) => `${it}\n`).join('');
  const hash = createHash('sha256').update(text).digest('hex');
  return `${text}${endLine({ lines: lines.length, reads, sha256: hash })}\n`;
};

const HEAD = headLine({ kind: 'epochs', eventId: EventId.parse('e') });
const streamId = StreamId.parse('mat.a');

const sealOf = (reads: readonly NumberedRead[]): string => {
  const hash = createHash('sha256');
  for (const { raw } of reads) hash.update(raw).update('\n');
  return hash.digest('hex');
};

const archiveOf = (reads: readonly NumberedRead[], hash: string | null = sealOf(reads)): readonly string[] => [
  HEAD,
  epochLine({ streamId, epoch: 1, head: reads.length, hash }),
  ...linesOf([reads]),
];

const defectOf = async (text: string): Promise<string> => {
  const sum = await checkArchive(bytesOf(text, 1000), sha256);
  return sum.ok ? 'sound' : `${sum.error.type}: ${sum.error.message}`;
};

describe('an archive', () => {
  it('cuts reads into the same records however they come, and none is long', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(1024)), { maxLength: 1600 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(1600)), (lengths, places) => {
        const reads = readsOf(lengths);
        const lines = linesOf([reads]);
        expect(linesOf(cutAt(reads, places))).toEqual(lines);
        const back = lines.flatMap((line) => {
          const { reads: record } = JSON.parse(line);
          const batch = decodeBatch(Buffer.from(record.batch, 'base64'));
          if (!batch.ok) throw new Error(batch.error.message);
          expect(line.length).toBeLessThan(1024 * 1024);
          return readsOfBatch(batch.value, record.firstSeq);
        });
        expect(back.map(({ seq, raw }) => [seq, Buffer.from(raw).toString()])).toEqual(
          reads.map(({ seq, raw }) => [seq, Buffer.from(raw).toString()]),
        );
      }),
      { numRuns: 15 },
    );
  });

  it('cuts bytes into the same lines however they come, and holds none that is too long', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{0,20}$/)), fc.array(fc.nat(400)), (lines, places) => {
        const cutter = createLineCutter();
        const found = cutAt([...Buffer.from(lines.map((it) => `${it}\n`).join(''))], places).flatMap((part) => {
          const taken = cutter.take(Uint8Array.from(part));
          return taken.ok ? taken.value.map((it) => Buffer.from(it).toString()) : ['too long'];
        });
        expect([found, cutter.left()]).toEqual([lines, 0]);
      }),
    );
    const short = createLineCutter(10);
    expect(short.take(Buffer.alloc(6)).ok).toBe(true);
    expect(short.take(Buffer.alloc(6)).ok).toBe(false);
  });

  it('[P24] is sound only with every line, every read and every byte as it was written', async () => {
    const reads = readsOf(Array.from({ length: 2100 }, (_, index) => 10 + (index % 50)));
    const lines = archiveOf(reads);
    expect(await defectOf(textOf(lines, 2100))).toBe('sound');
    const [head = '', epoch = '', first = '', second = '', third = ''] = lines;
    for (const [changed, why] of [
      [[head, epoch, first, third], 'expected read 1025'],
      [[head, epoch, first, second], 'expected 2100 reads'],
      [[head, epoch, first, first, second, third], 'expected read 1025'],
      [[head, first, epoch, second, third], 'reads without an epoch'],
      [[head, epoch, first, second, third, epoch], 'comes a second time'],
      [[head, head, epoch], 'no line of an archive'],
      [[head, epochLine({ streamId, epoch: 1, head: 0, hash: null })], 'expected a sealed epoch'],
      [[head, epoch, first, second, third.replace('"count":52', '"count":53')], 'expected 53 reads'],
      [archiveOf(reads, '0'.repeat(64)), 'not those that were sealed'],
      [[head.replace('"epochs"', '"event"')], 'the event itself is missing'],
    ] as const)
      expect(await defectOf(textOf(changed, 2100))).toContain(why);
    expect(await defectOf(`${lines.join('\n')}\n`)).toContain('breaks off');
    expect(await defectOf(textOf(lines, 2100).replace('"mat.a"', '"mat.b"'))).toContain('not those that were written');
    expect(await defectOf(textOf(lines, 2099))).toContain('expected 5 lines with 2099 reads');
  });
});
