import type { Result } from '../result.ts';
import { type Columns, mapHeaders } from './columns.ts';
import { decodeText, type Encoding } from './decode-text.ts';
import { csvDialectOf, guessFormat, PLAIN_DIALECT } from './guess-format.ts';
import type { LineProblem } from './line-problem.ts';
import type { RosterFormat, RosterKind } from './roster-row.ts';
import { firstRows, type SourceRow } from './source-rows.ts';

/** What a file looks like, before anything of it is believed. */
export interface ListLook {
  readonly encoding: Encoding;
  readonly format: RosterFormat;
  /** Of a CSV file; empty otherwise. */
  readonly headers: readonly string[];
  /** What each header most likely means. */
  readonly proposal: Columns;
  /** The first rows below the header, as they stand. */
  readonly sample: readonly SourceRow[];
}

const SAMPLE = 5;

/** For the choice of format and columns by people: it reads no more than the beginning. */
export const inspectList = (
  bytes: Uint8Array,
  options: { readonly kind?: RosterKind | undefined; readonly format?: RosterFormat | undefined } = {},
): Result<ListLook, LineProblem> => {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return decoded;
  const { text, encoding } = decoded.value;
  const format = options.format ?? guessFormat(text, options.kind);
  const isCsv = format === 'csv';
  const rows = firstRows(text, isCsv ? csvDialectOf(text) : PLAIN_DIALECT, SAMPLE + 1);
  const headers = isCsv ? (rows[0]?.cells ?? []) : [];
  const sample = isCsv ? rows.slice(1) : rows.slice(0, SAMPLE);
  return { ok: true, value: { encoding, format, headers, proposal: mapHeaders(headers), sample } };
};
