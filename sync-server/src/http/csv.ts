/** Fields of RFC 4180. */

const NEEDS_QUOTES = /[",\r\n]/;

export const csvField = (text: string): string => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const [QUOTE, COMMA, CR, LF] = [0x22, 0x2c, 0x0d, 0x0a];

/** Bytes as a field, exactly: in no encoding, since a reader's line need not be in any. */
export const csvRawField = (raw: Uint8Array): Uint8Array => {
  if (!raw.some((byte) => byte === QUOTE || byte === COMMA || byte === CR || byte === LF)) return raw;
  const quoted: number[] = [QUOTE];
  for (const byte of raw) {
    if (byte === QUOTE) quoted.push(QUOTE);
    quoted.push(byte);
  }
  quoted.push(QUOTE);
  return Uint8Array.from(quoted);
};

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. No chip, time or
 * kind of a real reader begins like that, so nothing honest is changed.
 */
export const inertField = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
