const decoder = new TextDecoder('latin1');

/** A line as readers write it: one byte, one character. */
export const lineText = (raw: Uint8Array): string => decoder.decode(raw);

/** The day is the same all day: only the time of the reader's clock is shown. */
export const readerClock = (readerTime: string): string => readerTime.slice(11);
