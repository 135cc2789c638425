import { err, ok, type Result } from '../result.ts';
import { type LineProblem, problemOn } from './line-problem.ts';
import { runAtOnce, type Sliced } from './sliced.ts';

export type Encoding = 'utf-8' | 'windows-1252';

export interface DecodedText {
  /** Without a byte order mark; every line ends in `\n`. */
  readonly text: string;
  readonly encoding: Encoding;
}

/** Largest list: some 300,000 lines as timing software writes them. */
export const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * What Windows-1252 has at 0x80–0x9F (WHATWG Encoding, index windows-1252). A table of our own: Node 20
 * decodes these bytes as Latin-1 under the label `windows-1252`. Five of them are control characters.
 */
const HIGH_CONTROLS =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F' +
  '\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178';

const CODES = Uint16Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 && byte <= 0x9f ? HIGH_CONTROLS.charCodeAt(byte - 0x80) : byte,
);

/** Arguments of one call; engines bound their number. */
const PIECE = 4096;

/** Characters decoded in one go. */
const STRETCH = 64 * 1024;

function* decodeWindows1252(bytes: Uint8Array): Sliced<string> {
  const codes = new Uint16Array(Math.min(PIECE, bytes.length));
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    const length = Math.min(PIECE, bytes.length - at);
    for (let index = 0; index < length; index++) codes[index] = CODES[bytes[at + index] ?? 0] ?? 0;
    const piece: string = Reflect.apply(String.fromCharCode, null, codes.subarray(0, length));
    text += piece;
    if (at % STRETCH === 0) yield;
  }
  return text;
}

/** Every line end as `\n`. */
function* unifyLineEnds(text: string): Sliced<string> {
  if (!text.includes('\r')) return text;
  let unified = '';
  for (let at = 0; at < text.length; ) {
    const to = at + STRETCH;
    // a pair of both stays together
    const end = text.charAt(to - 1) === '\r' ? to + 1 : to;
    unified += text.slice(at, end).replace(/\r\n?/g, '\n');
    at = end;
    yield;
  }
  return unified;
}

/** Bytes decoded in one step. */
const DECODED = 64 * 1024;

/** Null: it is not UTF-8. A mark has been taken off before; another one is a character. */
function* decodeStrictUtf8(bytes: Uint8Array): Sliced<string | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  try {
    for (let at = 0; at < bytes.length; at += DECODED) {
      text += decoder.decode(bytes.subarray(at, at + DECODED), { stream: true });
      yield;
    }
    return text + decoder.decode();
  } catch {
    return null; // the caller falls back to the other encoding
  }
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((byte, index) => bytes[index] === byte);

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const SAVE_AS = 'save it as text in UTF-8, then import that';

/** Why these bytes are no text, or null. */
const notText = (bytes: Uint8Array): string | null => {
  if (bytes.length === 0) return 'the file is empty';
  if (bytes.length > MAX_LIST_BYTES) return `the file has more than ${MAX_LIST_BYTES} bytes: import it in parts`;
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) return `the file is in UTF-16: ${SAVE_AS}`;
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) return 'this is a spreadsheet or an archive: export it as CSV';
  if (bytes.includes(0)) return `the file is no text, or text in UTF-16: ${SAVE_AS}`;
  return null;
};

/** As `decodeText`, some ten thousand characters at a time. */
export function* decodeTextSliced(bytes: Uint8Array): Sliced<Result<DecodedText, LineProblem>> {
  const why = notText(bytes);
  if (why !== null) return err(problemOn(null, why));
  const marked = startsWith(bytes, UTF8_MARK);
  const utf8 = yield* decodeStrictUtf8(marked ? bytes.subarray(UTF8_MARK.length) : bytes);
  if (utf8 === null && marked) return err(problemOn(null, `the file says it is UTF-8 and is not: ${SAVE_AS}`));
  const text = yield* unifyLineEnds(utf8 ?? (yield* decodeWindows1252(bytes)));
  return ok({ text, encoding: utf8 === null ? 'windows-1252' : 'utf-8' });
}

/** Bytes of a list as text: UTF-8 where they are valid UTF-8, else Windows-1252, which every older program writes. */
export const decodeText = (bytes: Uint8Array): Result<DecodedText, LineProblem> => runAtOnce(decodeTextSliced(bytes));
