import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Epoch, EventId, isUuid, NodeId, RaceId, readerNameToId, Seq, StreamId, streamIdOf } from '../src/ids.ts';

describe('ids', () => {
  it.each(['a', 'A-1._~', '0', 'x'.repeat(128), '...', '~'])('%.20j is a name', (text) => {
    expect(EventId.parse(text)).toBe(text);
    expect(NodeId.parse(text)).toBe(text);
  });

  it.each(['', '.', '..', ' ', 'a b', 'a/b', 'a\\b', 'ä', 'a\0', 'a\n', 'x'.repeat(129), '%2e', 'a:b'])(
    '%.20j is none',
    (text) => {
      expect(EventId.safeParse(text).success).toBe(false);
      expect(NodeId.safeParse(text).success).toBe(false);
      expect(RaceId.safeParse(text).success).toBe(false);
    },
  );

  it.each([1, null, undefined, ['a'], { toString: () => 'a' }])('what is no text is none', (value) => {
    expect(NodeId.safeParse(value).success).toBe(false);
  });

  it('[RT-33] a race id that is a UUID has one spelling; another name keeps its own', () => {
    const uuid = '0B9D1C36-35A6-4C3E-9A07-6D9B34A1F001';
    expect(RaceId.parse(uuid)).toBe(uuid.toLowerCase());
    expect(isUuid(uuid)).toBe(true);
    expect(RaceId.parse('Race-10K')).toBe('Race-10K');
    expect(isUuid('Race-10K')).toBe(false);
  });

  it('an epoch counts from 1 to 2^32 - 1, a number in it from 1 to what a double holds', () => {
    expect([0, 1, 0xffff_ffff, 0x1_0000_0000, 1.5].map((it) => Epoch.safeParse(it).success)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect([0, 1, Number.MAX_SAFE_INTEGER, 2 ** 53].map((it) => Seq.safeParse(it).success)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('a stream id is made of any reader name', () => {
    const node = NodeId.parse('box-1');
    expect(streamIdOf(node, 'Start A')).toBe('box-1.Start~A');
    expect(streamIdOf(node, '10.0.0.7:10000')).toBe('box-1.10.0.0.7~10000');
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }), (reader) => {
        const streamId = streamIdOf(node, reader);
        expect(StreamId.safeParse(streamId).success).toBe(true);
        expect(streamId.startsWith('box-1.')).toBe(true);
        expect(readerNameToId(readerNameToId(reader))).toBe(readerNameToId(reader));
      }),
    );
  });
});
