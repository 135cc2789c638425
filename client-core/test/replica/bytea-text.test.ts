import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFromText } from '../../src/replica/bytea-text.ts';

describe('bytes as Postgres writes them', () => {
  it('are what they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(bytesFromText(`\\x${Buffer.from(bytes).toString('hex')}`)).toEqual(bytes);
      }),
    );
    expect(bytesFromText('\\x')).toEqual(new Uint8Array());
  });

  it('are some bytes in a format that a statement asked for', () => {
    expect(bytesFromText('')).toHaveLength(0);
    expect(bytesFromText('a\\000b')).toHaveLength(2);
  });
});
