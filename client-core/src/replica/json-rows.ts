/** JSON that Postgres takes: its text has no NUL and no lone surrogate. */
export const toJson = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? toText(value) : value));

const ODD = /[\0\p{Surrogate}]/gu;

export const toText = (text: string): string => text.replace(ODD, '\ufffd');
