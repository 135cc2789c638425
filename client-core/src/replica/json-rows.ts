/** JSON that Postgres takes: its text has no NUL and no lone surrogate. */
export const toJson = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? toText(value) : value));

const ODD = /[\0\p{Surrogate}]/gu;
/** Halves of pairs, too: almost no text has one, and this is asked of every text that is stored. */
const MAYBE_ODD = /[\0\ud800-\udfff]/;

export const toText = (text: string): string => (MAYBE_ODD.test(text) ? text.replace(ODD, '\ufffd') : text);
