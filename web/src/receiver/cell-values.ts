/** Cells of an answer as what their columns are known to be; anything else is as good as nothing. */

export type Row = readonly unknown[];

export const textAt = (row: Row, at: number): string => {
  const value = row[at];
  return typeof value === 'string' ? value : '';
};

export const numberAt = (row: Row, at: number): number | null => {
  const value = row[at];
  return typeof value === 'number' ? value : null;
};

/** Milliseconds since the Unix epoch of a timestamp. */
export const timeAt = (row: Row, at: number): number | null => {
  const value = row[at];
  return value instanceof Date ? value.getTime() : null;
};

export const bytesAt = (row: Row, at: number): Uint8Array => {
  const value = row[at];
  return value instanceof Uint8Array ? value : new Uint8Array();
};
