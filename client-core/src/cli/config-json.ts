import { err, ok, type Result } from '@baton/schema/result';

export type ConfigValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

/** One key of the file, with the line (from 1) on which it stands. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: ConfigValue;
  readonly line: number;
}

/** Where a text stops being what it should be, and what was expected there. */
export interface ConfigFault {
  readonly line: number;
  readonly expected: string;
}

type Scalar = string | number | boolean | null;
type Token =
  | { readonly type: 'scalar'; readonly value: Scalar }
  | { readonly type: 'mark'; readonly mark: string }
  | { readonly type: 'end' }
  | { readonly type: 'bad' };

const SPACE = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const MARK = /[{}[\]:,]/y;

const matchAt = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

class Tokens {
  readonly #text: string;
  #at = 0;
  /** Where the token begins that came last. */
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#at += matchAt(SPACE, this.#text, this.#at)?.length ?? 0;
    this.#from = this.#at;
    if (this.#at === this.#text.length) return { type: 'end' };
    const scalar = matchAt(SCALAR, this.#text, this.#at);
    const found = scalar ?? matchAt(MARK, this.#text, this.#at);
    if (found === null) return { type: 'bad' };
    this.#at += found.length;
    return scalar === null ? { type: 'mark', mark: found } : { type: 'scalar', value: JSON.parse(scalar) as Scalar };
  }

  line(): number {
    return this.#text.slice(0, this.#from).split('\n').length;
  }
}

/** Ends the reading at the token that came last. */
class Fault extends Error {
  readonly expected: string;

  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }
}

const isMark = (token: Token, mark: string): boolean => token.type === 'mark' && token.mark === mark;

const readList = (tokens: Tokens): readonly Scalar[] => {
  const list: Scalar[] = [];
  let token = tokens.next();
  if (isMark(token, ']')) return list;
  for (;;) {
    if (token.type !== 'scalar') throw new Fault('a text');
    list.push(token.value);
    token = tokens.next();
    if (isMark(token, ']')) return list;
    if (!isMark(token, ',')) throw new Fault('a comma or ]');
    token = tokens.next();
  }
};

const readValue = (tokens: Tokens): ConfigValue => {
  const token = tokens.next();
  if (token.type === 'scalar') return token.value;
  if (isMark(token, '[')) return readList(tokens);
  throw new Fault('a text, a number, true, false or a list of texts');
};

/** From behind the opening brace to the closing one. */
const readEntries = (tokens: Tokens): readonly ConfigEntry[] => {
  const entries: ConfigEntry[] = [];
  let token = tokens.next();
  if (isMark(token, '}')) return entries;
  for (;;) {
    if (token.type !== 'scalar' || typeof token.value !== 'string') throw new Fault('a key in double quotes');
    const { value: key } = token;
    const line = tokens.line();
    if (!isMark(tokens.next(), ':')) throw new Fault('a colon');
    entries.push({ key, value: readValue(tokens), line });
    token = tokens.next();
    if (isMark(token, '}')) return entries;
    if (!isMark(token, ',')) throw new Fault('a comma or }');
    token = tokens.next();
  }
};

const readObject = (tokens: Tokens): readonly ConfigEntry[] => {
  if (!isMark(tokens.next(), '{')) throw new Fault('{');
  const entries = readEntries(tokens);
  if (tokens.next().type !== 'end') throw new Fault('the end');
  return entries;
};

/**
 * Reads one JSON object of plain values. Not `JSON.parse`: that does not say on which line a key stands, takes the second of
 * two equal keys without a word, and quotes in its complaint what stands around the fault, which may be a secret.
 */
export const readConfigJson = (text: string): Result<readonly ConfigEntry[], ConfigFault> => {
  const tokens = new Tokens(text.replace(/^\uFEFF/, ''));
  try {
    return ok(readObject(tokens));
  } catch (error) {
    if (error instanceof Fault) return err({ line: tokens.line(), expected: error.expected });
    throw error;
  }
};
