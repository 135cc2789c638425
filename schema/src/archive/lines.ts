import { err, ok, type Result } from '../result.ts';
import type { ArchiveDefect } from './defect.ts';
import { MAX_LINE_BYTES } from './records.ts';

const LF = 10;

const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** Cuts bytes into lines, wherever they were cut on the way. No line is held that is longer than an archive's may be. */
export const createLineCutter = (
  maxBytes = MAX_LINE_BYTES,
): {
  readonly take: (bytes: Uint8Array) => Result<readonly Uint8Array[], ArchiveDefect>;
  /** Bytes behind the last line feed: an archive has none. */
  readonly left: () => number;
} => {
  let parts: Uint8Array[] = [];
  let size = 0;
  return {
    take: (bytes) => {
      const lines: Uint8Array[] = [];
      let from = 0;
      for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
        parts.push(bytes.subarray(from, at));
        lines.push(join(parts));
        parts = [];
        size = 0;
        from = at + 1;
      }
      if (from < bytes.length) parts.push(bytes.slice(from));
      size += bytes.length - from;
      if (size > maxBytes) return err({ type: 'damaged', message: `a line is longer than ${maxBytes} bytes` });
      return ok(lines);
    },
    left: () => size,
  };
};
