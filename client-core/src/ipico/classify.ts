import { type IpicoLine, type IpicoLineError, parseIpicoLine } from '@baton/schema/reads';

/** What a line of an IPICO reader's port is. Only reads are journalled. */
export type ClassifiedLine =
  | { readonly type: 'read'; readonly line: IpicoLine }
  /** Answer or announcement of the reader: `ab…`, `ac…`, `ae…` frames. */
  | { readonly type: 'control' }
  /** Words for people, as a reader says on connecting. */
  | { readonly type: 'banner' }
  /** It should have been a read: it starts with `aa`, or is nothing else that a reader says. */
  | { readonly type: 'unparsable'; readonly error: IpicoLineError };

const A = 97;
const CONTROL = new Set([98, 99, 101]); // b, c, e
const HEX_DIGIT = /^[0-9a-fA-F]$/;

const isControl = (line: Uint8Array): boolean => line[0] === A && CONTROL.has(line[1] ?? 0);

/** Printable text that is more than hex digits; a run of digits alone is the torn part of a frame. */
const isWords = (line: Uint8Array): boolean => {
  let words = false;
  for (const code of line) {
    if ((code < 32 && code !== 9) || code > 126) return false;
    words ||= !HEX_DIGIT.test(String.fromCharCode(code));
  }
  return words;
};

/** Judges one line without its line end. A damaged line that starts with `aa` is unparsable, never a banner. */
export const classifyLine = (line: Uint8Array): ClassifiedLine => {
  if (isControl(line)) return { type: 'control' };
  if (!(line[0] === A && line[1] === A) && isWords(line)) return { type: 'banner' };
  const parsed = parseIpicoLine(line);
  return parsed.type === 'read' ? { type: 'read', line: parsed } : { type: 'unparsable', error: parsed };
};
