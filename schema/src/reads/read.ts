import { parseIpicoLine, wallToText } from './ipico-line.ts';

/**
 * One line of a reader. Identity is `(streamId, epoch, seq)`; `raw` is kept for ever, byte for
 * byte, without its line end. The other fields are what the line says about itself.
 */
export interface Read {
  /** Exactly as the reader sent it. At most `MAX_RAW_BYTES`. */
  readonly raw: Uint8Array;
  /** When the forwarder received it: milliseconds since the Unix epoch, by the forwarder's clock. */
  readonly receivedAt: number;
  /** The reader's own time, opaque to the log; `YYYY-MM-DDTHH:MM:SS.mmm` for IPICO lines. */
  readonly readerTime: string | null;
  /** Chip id, lower case for IPICO lines. */
  readonly chip: string | null;
  /** `RAW`, `FS`, `LS`; other systems may bring their own words. */
  readonly kind: string;
}

/** A read with its number in its epoch. */
export interface NumberedRead extends Read {
  readonly seq: number;
}

/** Longest line kept: real ones have 36–44 bytes. */
export const MAX_RAW_BYTES = 1024;

/** A read from a reader's line: fields are derived where it is an IPICO line, else null. */
export const readFromLine = (raw: Uint8Array, receivedAt: number): Read => {
  const line = parseIpicoLine(raw);
  if (line.type !== 'read') return { raw, receivedAt, readerTime: null, chip: null, kind: 'RAW' };
  return {
    raw,
    receivedAt,
    readerTime: wallToText(line.wallHundredths),
    chip: line.tag.toLowerCase(),
    kind: line.kind,
  };
};

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
};
