import type { SelectPage } from '../replica/replica.ts';

/** A cell longer than this is cut: one line of a table stays one line. */
const MOST_CHARACTERS = 120;

const HEX_BYTES = 48;

/** What a terminal would obey, written by anybody who may name a runner. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const bytesText = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes.subarray(0, HEX_BYTES)).toString('hex');
  return `\\x${hex}${bytes.length > HEX_BYTES ? '…' : ''}`;
};

const plainText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const cellText = (value: unknown): string => {
  const text = plainText(value).replace(OBEYED, '\ufffd');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
};

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

const countText = ({ rows, truncated }: SelectPage): string => {
  if (truncated) return `(first ${rows.length} rows; ask for fewer with LIMIT)`;
  return rows.length === 1 ? '(1 row)' : `(${rows.length} rows)`;
};

/** A page of rows as lines for a terminal: columns aligned, numbers to the right, and a count at the end. */
export const tableLines = (page: SelectPage): readonly string[] => {
  const names = page.columns.map(({ name }) => cellText(name));
  const cells = page.rows.map((row) => row.map(cellText));
  const widths = names.map((name, at) =>
    cells.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), name.length),
  );
  const toRight = names.map((_, at) => page.rows.some((row) => isNumber(row[at])));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => (toRight[at] === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join(' | ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return [line(names), rule, ...cells.map(line), countText(page)];
};
