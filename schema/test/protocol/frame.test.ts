import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamId } from '../../src/ids.ts';
import { decodePush, decodeReads, encodePush, encodeReads, type PushFrame } from '../../src/protocol/index.ts';

const someFrame: fc.Arbitrary<PushFrame> = fc.record({
  streamId: fc.stringMatching(/^[A-Za-z0-9._~-]{3,257}$/).map((id) => StreamId.parse(id)),
  epoch: fc.integer({ min: 1, max: 0xffff_ffff }),
  firstSeq: fc.maxSafeInteger().map((seq) => Math.min(Math.abs(seq) + 1, Number.MAX_SAFE_INTEGER - 10_000)),
  pushId: fc.maxSafeNat(),
  batch: fc.uint8Array({ maxLength: 100 }),
});

const plain = (frame: object & { readonly batch: Uint8Array }): object => ({ ...frame, batch: [...frame.batch] });

describe('binary frames of /sync', () => {
  it('give back what they carry', () => {
    fc.assert(
      fc.property(someFrame, (frame) => {
        const push = decodePush(encodePush(frame));
        expect(push.ok && plain(push.value)).toEqual(plain(frame));
        const { pushId: _, ...rest } = frame;
        const reads = decodeReads(encodeReads(rest));
        expect(reads.ok && plain(reads.value)).toEqual(plain(rest));
      }),
    );
  });

  it('keep their bytes: this is version 1 on the wire', () => {
    const frame = { streamId: StreamId.parse('box-1.a'), epoch: 300, firstSeq: 70_000, batch: Uint8Array.of(1, 2, 3) };
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(encodePush({ ...frame, pushId: 200 }))).toBe('0107626f782d312e61ac02f0a204c801010203');
    expect(hex(encodeReads(frame))).toBe('0207626f782d312e61ac02f0a204010203');
  });

  it('are not taken for each other', () => {
    fc.assert(
      fc.property(someFrame, (frame) => {
        expect(decodeReads(encodePush(frame)).ok).toBe(false);
        expect(decodePush(encodeReads(frame)).ok).toBe(false);
      }),
    );
  });

  /** Decodes hostile bytes both ways: a value, never an exception. */
  const survive = (bytes: Uint8Array): readonly boolean[] =>
    [decodePush(bytes), decodeReads(bytes)].map((frame) => {
      if (!frame.ok) {
        const isLater = bytes.length > 0 && bytes[0] !== 1 && bytes[0] !== 2;
        expect(frame.error.type).toBe(isLater ? 'unknown-frame' : 'malformed-frame');
        return false;
      }
      expect(StreamId.safeParse(frame.value.streamId).success).toBe(true);
      expect(frame.value.epoch).toBeGreaterThanOrEqual(1);
      expect(frame.value.epoch).toBeLessThanOrEqual(0xffff_ffff);
      expect(Number.isSafeInteger(frame.value.firstSeq + 1024)).toBe(true);
      expect(frame.value.batch.length).toBeLessThanOrEqual(bytes.length);
      return true;
    });

  it('survive truncation, flipped bits and random bytes', () => {
    fc.assert(
      fc.property(someFrame, fc.nat(), fc.nat(7), (frame, at, bit) => {
        const bytes = encodePush({ ...frame, batch: new Uint8Array() });
        for (let length = 0; length < bytes.length; length++) {
          expect(survive(bytes.subarray(0, length))).toEqual([false, false]);
        }
        bytes[at % bytes.length]! ^= 1 << bit;
        survive(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void survive(bytes)),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 100 }), (kind, bytes) => {
        survive(Uint8Array.from([kind, ...bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  const head = [1, 3, 97, 46, 98];
  const huge = [255, 255, 255, 255, 255, 255, 255, 15];

  it.each<[string, readonly number[]]>([
    ['nothing', []],
    ['an unknown kind', [3, ...head.slice(1), 1, 1, 0]],
    ['a stream id with a slash', [1, 3, 97, 47, 98, 1, 1, 0]],
    ['a stream id longer than the frame', [1, ...huge, 97]],
    ['a stream id that is no UTF-8', [1, 3, 255, 254, 253, 1, 1, 0]],
    ['epoch 0', [...head, 0, 1, 0]],
    ['an epoch beyond 32 bits', [...head, ...huge, 1, 0]],
    ['first seq 0', [...head, 1, 0, 0]],
    ['first seq 2^53', [...head, 1, 128, 128, 128, 128, 128, 128, 128, 16, 0]],
    ['first seq 2^53 - 1', [...head, 1, ...huge, 0]],
    ['a number of endless length', [...head, ...Array.from({ length: 100_000 }, () => 255)]],
  ])('refuse %s', (_, bytes) => {
    expect(survive(Uint8Array.from(bytes))).toEqual([false, false]);
  });
});
