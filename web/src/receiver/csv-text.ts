import type { SelectPage } from '@baton/client-core';
import { csvField, inertField } from '@baton/schema/csv';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const bytesText = (bytes: Uint8Array): string => `\\x${Array.from(bytes, (byte) => HEX[byte]).join('')}`;

/** A value of the database as a text; empty for NULL. */
export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'infinity' : value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value, withBigInts) : String(value);
};

const withBigInts = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** Numbers stay numbers, whatever they begin with; texts of others are made inert for spreadsheets. */
const field = (value: unknown): string => {
  const text = valueText(value);
  return csvField(typeof value === 'number' || typeof value === 'bigint' ? text : inertField(text));
};

export const csvLine = (values: readonly unknown[]): string => `${values.map(field).join(',')}\r\n`;

/** By this mark spreadsheets know that the text is UTF-8. */
export const UTF8_MARK = '\uFEFF';

/** RFC 4180, with the columns' names first. */
export const pageCsv = ({ columns, rows }: SelectPage): readonly string[] => [
  UTF8_MARK + csvLine(columns.map(({ name }) => name)),
  ...rows.map(csvLine),
];
