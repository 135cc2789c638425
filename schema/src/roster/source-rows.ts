import Papa from 'papaparse';
import { shown } from './line-problem.ts';
import { MAX_LIST_ROWS } from './roster-row.ts';

/** A row as it stands in the file. */
export interface SourceRow {
  /** Its first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface SourceDefect {
  readonly line: number;
  readonly message: string;
}

/** A stretch of a file; blank rows and comments are left out, and still count as lines. */
export interface SourceSlice {
  readonly rows: readonly SourceRow[];
  readonly defects: readonly SourceDefect[];
}

export interface Dialect {
  readonly delimiter: string;
  /** Whether a quoted cell may hold delimiters and line breaks (RFC 4180). */
  readonly quotes: boolean;
  /** Lines that begin so are skipped. */
  readonly comment: string | null;
}

/** Characters looked at in one go: some 700 rows. A row must fit in. */
const WINDOW = 32 * 1024;
/** Enough for most headers. */
const GLANCE = 4 * 1024;
/** Where the first rows are looked for. */
const BEGINNING = 256 * 1024;
const MAX_COLUMNS = 100;

interface PapaResult {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly row?: number; readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

const parseWindow = (text: string, { delimiter, quotes }: Dialect, isLast: boolean): PapaResult => {
  const config = { delimiter, newline: '\n' as const, ...(quotes ? {} : { fastMode: true }) };
  return new Papa.Parser(config).parse(text, 0, !isLast);
};

const linesIn = (cells: readonly string[]): number => {
  let lines = 1;
  for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) lines++;
  return lines;
};

const QUOTE_DEFECTS: Readonly<Record<string, string>> = {
  MissingQuotes: 'a quoted cell is never closed',
  InvalidQuotes: 'a quote stands inside a quoted cell: write it twice',
};

/** What is wrong with each row's quotes: the first thing only. */
const quoteDefects = ({ errors }: PapaResult): ReadonlyMap<number, string> => {
  const defects = new Map<number, string>();
  for (const { row, code } of errors) {
    const message = QUOTE_DEFECTS[code];
    if (row !== undefined && message !== undefined && !defects.has(row)) defects.set(row, message);
  }
  return defects;
};

const isSkipped = (cells: readonly string[], comment: string | null): boolean => {
  const first = cells[0] ?? '';
  if (comment !== null && first.trimStart().startsWith(comment)) return true;
  return cells.every((cell) => cell.trim() === '');
};

const sliceOf = (result: PapaResult, firstLine: number, { comment }: Dialect) => {
  const rows: SourceRow[] = [];
  const defects: SourceDefect[] = [];
  const quotes = quoteDefects(result);
  let line = firstLine;
  for (const [index, cells] of result.data.entries()) {
    const quote = quotes.get(index);
    if (quote !== undefined) defects.push({ line, message: quote });
    else if (cells.length > MAX_COLUMNS) defects.push({ line, message: `more than ${MAX_COLUMNS} cells` });
    else if (!isSkipped(cells, comment)) rows.push({ line, cells });
    line += linesIn(cells);
  }
  return { slice: { rows, defects }, nextLine: line };
};

const tooLong = (line: number, text: string, window: number, quotes: boolean): SourceDefect => ({
  line,
  message: `the row that begins ${shown(text)} is longer than ${window} characters${quotes ? ': is a quote not closed?' : ''}`,
});

/** A file's rows, a stretch at a time. Ends early where it cannot go on: the last slice then has the defect. */
export function* sourceRows(text: string, dialect: Dialect, window = WINDOW): Generator<SourceSlice, void, undefined> {
  let at = 0;
  let line = 1;
  let count = 0;
  while (at < text.length) {
    const isLast = at + window >= text.length;
    const result = parseWindow(text.slice(at, at + window), dialect, isLast);
    if (result.data.length === 0) {
      yield { rows: [], defects: [tooLong(line, text.slice(at, at + window), window, dialect.quotes)] };
      return;
    }
    const { slice, nextLine } = sliceOf(result, line, dialect);
    count += slice.rows.length;
    if (count > MAX_LIST_ROWS) {
      yield { rows: [], defects: [{ line, message: `more than ${MAX_LIST_ROWS} rows: import the list in parts` }] };
      return;
    }
    yield slice;
    at = isLast ? text.length : at + result.meta.cursor;
    line = nextLine;
  }
}

/** The first rows; a defect ends them. */
const take = (slices: Iterable<SourceSlice>, count: number): readonly SourceRow[] => {
  const found: SourceRow[] = [];
  for (const { rows, defects } of slices) {
    const end = defects[0]?.line ?? Number.POSITIVE_INFINITY;
    found.push(...rows.filter(({ line }) => line < end).slice(0, count - found.length));
    if (found.length >= count || defects.length > 0) break;
  }
  return found;
};

/** The first rows, for guessing and for showing; what does not begin near the beginning is not found. */
export const firstRows = (text: string, dialect: Dialect, count: number): readonly SourceRow[] => {
  const beginning = text.slice(0, BEGINNING);
  const found = take(sourceRows(beginning, dialect, GLANCE), count);
  return found.length === count ? found : take(sourceRows(beginning, dialect), count);
};

/** Why there is no first row: what is wrong with it, or null when there is none. */
export const firstDefect = (text: string, dialect: Dialect): SourceDefect | null => {
  for (const { defects } of sourceRows(text.slice(0, BEGINNING), dialect))
    if (defects[0] !== undefined) return defects[0];
  return null;
};
