import { MAX_RAW_BYTES } from '@baton/schema/reads';

const CR = 13;
const LF = 10;

export interface LineSplitter {
  /** The lines that these bytes complete, copied, without line ends; blank lines are left out. */
  readonly push: (bytes: Uint8Array) => readonly Uint8Array[];
  /**
   * The connection ended: forgets an unfinished line, so that it is never joined to the next
   * connection's bytes. Returns how many bytes were dropped.
   */
  readonly end: () => number;
  /** Lines dropped so far because they were longer than any reader's. */
  readonly overlong: () => number;
}

/**
 * Bytes of a TCP connection to lines. A line ends with CR, LF or CRLF, in whatever packets they come.
 * Holds at most `maxBytes`: of a longer line nothing is kept but its count.
 */
export const createLineSplitter = (maxBytes = MAX_RAW_BYTES): LineSplitter => {
  const partial = new Uint8Array(maxBytes);
  let held = 0;
  let skipping = false;
  let overlong = 0;

  const hold = (bytes: Uint8Array): void => {
    if (skipping) return;
    if (held + bytes.length > maxBytes) {
      skipping = true;
      overlong += 1;
      held = 0;
      return;
    }
    partial.set(bytes, held);
    held += bytes.length;
  };

  const take = (): Uint8Array | null => {
    const line = held === 0 ? null : partial.slice(0, held);
    held = 0;
    skipping = false;
    return line;
  };

  return {
    push: (bytes) => {
      const lines: Uint8Array[] = [];
      let from = 0;
      for (let at = 0; at < bytes.length; at++) {
        if (bytes[at] !== CR && bytes[at] !== LF) continue;
        hold(bytes.subarray(from, at));
        const line = take();
        if (line !== null) lines.push(line);
        from = at + 1;
      }
      hold(bytes.subarray(from));
      return lines;
    },
    end: () => {
      const dropped = held;
      held = 0;
      skipping = false;
      return dropped;
    },
    overlong: () => overlong,
  };
};
