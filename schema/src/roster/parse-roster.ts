import { type Columns, columnsDefect, mapHeaders, type RosterField } from './columns.ts';
import { decodeTextSliced } from './decode-text.ts';
import { csvDialectOf, guessFormat, PLAIN_DIALECT } from './guess-format.ts';
import { createProblemList, type LineProblems, type ProblemList } from './line-problem.ts';
import type { ParsedRoster, ReadColumn, RosterFormat, RosterKind, RosterRow } from './roster-row.ts';
import { isBibChipHeader, type ReadRow, readBibChipRow, readCsvRow, readPplRow } from './row-reader.ts';
import { runAtOnce, type Sliced } from './sliced.ts';
import { type Dialect, firstDefect, firstRows, type SourceRow, sourceRows } from './source-rows.ts';

export interface ParseOptions {
  /** Absent: chips where the format is `bibchip`, else participants. */
  readonly kind?: RosterKind | undefined;
  /** Absent: guessed. */
  readonly format?: RosterFormat | undefined;
  /** What the columns of a CSV file mean, by index; absent: what their headers say. */
  readonly columns?: Columns | undefined;
}

export type ParseOutcome =
  | { readonly type: 'parsed'; readonly parsed: ParsedRoster }
  | ({ readonly type: 'refused' } & LineProblems);

const CHIP_FIELDS: ReadonlySet<RosterField> = new Set(['bib', 'chip', 'race']);

interface Reading {
  readonly dialect: Dialect;
  readonly columns: readonly ReadColumn[];
  readonly header: number | null;
  readonly read: (row: SourceRow) => ReadRow;
}

const plainReading = (text: string, format: 'ppl' | 'bibchip'): Reading => {
  const dialect = PLAIN_DIALECT;
  if (format === 'ppl') return { dialect, columns: [], header: null, read: readPplRow };
  const [first] = firstRows(text, dialect, 1);
  const header = first !== undefined && isBibChipHeader(first) ? first.line : null;
  return { dialect, columns: [], header, read: readBibChipRow };
};

const csvReading = (
  text: string,
  kind: RosterKind,
  given: Columns | undefined,
  problems: ProblemList,
): Reading | null => {
  const dialect = csvDialectOf(text);
  const [header] = firstRows(text, dialect, 1);
  if (header === undefined) {
    const defect = firstDefect(text, dialect);
    problems.add(defect?.line ?? null, defect?.message ?? 'the file has no rows');
    return null;
  }
  const proposed = given ?? mapHeaders(header.cells);
  const used = header.cells.map((_, index) => {
    const field = proposed[index] ?? null;
    return field !== null && (kind === 'participants' || CHIP_FIELDS.has(field)) ? field : null;
  });
  const defect = columnsDefect(used, kind);
  if (defect !== null) {
    problems.add(header.line, defect);
    return null;
  }
  const columns = header.cells.map((cell, index) => ({ header: cell.trim(), field: used[index] ?? null }));
  return { dialect, columns, header: header.line, read: (row) => readCsvRow(row, used) };
};

/** No two rows may give one chip. Two rows of one bib are found where it is known which race a row is of. */
const createChipCheck = (problems: ProblemList) => {
  const lines = new Map<string, number>();
  return ({ line, chips = [] }: RosterRow): void => {
    for (const chip of chips) {
      const before = lines.get(chip);
      if (before === undefined) lines.set(chip, line);
      else problems.add(line, `chip ${chip} is given twice: it is on line ${before}`);
    }
  };
};

/** Lines read in one step. */
const READ = 20;

function* readRows(text: string, reading: Reading, problems: ProblemList): Sliced<readonly RosterRow[]> {
  const rows: RosterRow[] = [];
  const checkChips = createChipCheck(problems);
  for (const slice of sourceRows(text, reading.dialect)) {
    for (const { line, message } of slice.defects) problems.add(line, message);
    for (const row of slice.rows) {
      if (row.line === reading.header) continue;
      const read = reading.read(row);
      if (read.ok) {
        checkChips(read.value);
        rows.push(read.value);
      } else for (const message of read.error) problems.add(row.line, message);
      if (row.line % READ === 0) yield;
    }
    yield;
  }
  return rows;
}

const refused = (problems: ProblemList): ParseOutcome => ({ type: 'refused', ...problems.all() });

const kindDefect = (kind: RosterKind, format: RosterFormat): string | null => {
  if (kind === 'chips' && format === 'ppl') return 'a .ppl file holds participants, not chips';
  if (kind === 'participants' && format === 'bibchip') return 'a bib-chip file holds chips, not participants';
  return null;
};

/** As `parseRoster`, some rows at a time. */
export function* parseRosterSliced(bytes: Uint8Array, options: ParseOptions = {}): Sliced<ParseOutcome> {
  const problems = createProblemList();
  const decoded = yield* decodeTextSliced(bytes);
  if (!decoded.ok) return { type: 'refused', problems: [decoded.error], more: 0 };
  const { text, encoding } = decoded.value;
  yield;
  const format = options.format ?? guessFormat(text, options.kind);
  yield;
  const kind = options.kind ?? (format === 'bibchip' ? 'chips' : 'participants');
  const mismatch = kindDefect(kind, format);
  if (mismatch !== null) problems.add(null, mismatch);
  if (problems.count() > 0) return refused(problems);
  const reading = format === 'csv' ? csvReading(text, kind, options.columns, problems) : plainReading(text, format);
  if (reading === null) return refused(problems);
  yield;
  const rows = yield* readRows(text, reading, problems);
  if (problems.count() === 0 && rows.length === 0) problems.add(null, 'the file has no rows');
  if (problems.count() > 0) return refused(problems);
  return { type: 'parsed', parsed: { kind, format, encoding, columns: reading.columns, rows } };
}

/**
 * Reads a list of participants or chips, strictly: it is either all good, or every problem is named with
 * its line and no row is given. Formats: FinishLynx people (`.ppl`), bib-chip lists, CSV with a header.
 */
export const parseRoster = (bytes: Uint8Array, options?: ParseOptions): ParseOutcome =>
  runAtOnce(parseRosterSliced(bytes, options));
