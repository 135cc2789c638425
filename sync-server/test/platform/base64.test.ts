import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/platform/base64.ts';

describe('base64', () => {
  it('is that of the bytes, of any number of them, one after another', () => {
    for (const length of [0, 1, 2, 36, 1023, 1024, 1025, 5000]) {
      const bytes = Uint8Array.from({ length: length + 2 }, (_, at) => (at * 7 + length) % 256).subarray(1, length + 1);
      expect(toBase64(bytes)).toBe(Buffer.from([...bytes]).toString('base64'));
    }
  });

  it('[P16] of many small ones takes no memory outside V8’s heap', () => {
    const lines = Array.from({ length: 50_000 }, () => new Uint8Array(36));
    const before = process.memoryUsage().arrayBuffers;
    for (const line of lines) toBase64(line);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(36 * lines.length * 0.1);
    expect(lines.at(-1)?.length).toBe(36);
  });
});
