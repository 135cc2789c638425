import type { Participant } from '../doc/roster-doc.ts';
import type { Columns } from './columns.ts';
import type { Encoding } from './decode-text.ts';

export type RosterFormat = 'ppl' | 'bibchip' | 'csv';
export type RosterKind = 'participants' | 'chips';

/**
 * One row of a list, its cells checked each by itself. A field that is absent was no column of the file;
 * null is an empty cell.
 */
export interface RosterRow {
  readonly line: number;
  readonly bib: string;
  /** A whole name, where the file has no parts. */
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly club?: string | null;
  readonly sex?: Participant['sex'];
  readonly birthYear?: number | null;
  /** Id or name, as written. */
  readonly category?: string | null;
  /** Id or name, as written. */
  readonly race?: string | null;
  /** In lower case. */
  readonly chips?: readonly string[];
}

/** A column of the file, and what it was taken for. */
export interface ReadColumn {
  readonly header: string;
  readonly field: Columns[number];
}

/** A list whose every row can be read. */
export interface ParsedRoster {
  readonly kind: RosterKind;
  readonly format: RosterFormat;
  readonly encoding: Encoding;
  /** Of a CSV file; empty where the format has no header. */
  readonly columns: readonly ReadColumn[];
  readonly rows: readonly RosterRow[];
}

export const MAX_LIST_ROWS = 200_000;
