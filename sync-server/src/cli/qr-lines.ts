import { renderUnicodeCompact } from 'uqr';

/** Light modules around the code, as ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;

/** Bright white on black: on a terminal with a light background the code would else come out inverted. */
const COLOURED = '\u001b[97;40m';
const PLAIN = '\u001b[0m';

/**
 * A QR code as lines of half blocks, light modules drawn.
 *
 * @param onTerminal a terminal shows it, which takes colours; else it is meant for a dark background
 */
export const qrLines = (text: string, onTerminal: boolean): readonly string[] => {
  const lines = renderUnicodeCompact(text, { ecc: 'M', border: QUIET_ZONE }).split('\n');
  return onTerminal ? lines.map((line) => `${COLOURED}${line}${PLAIN}`) : lines;
};
