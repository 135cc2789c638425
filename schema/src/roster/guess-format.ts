import { looksLikeHeader, mapHeaders } from './columns.ts';
import type { RosterFormat, RosterKind } from './roster-row.ts';
import { type Dialect, firstRows } from './source-rows.ts';

const DELIMITERS = [',', ';', '\t'] as const;

/** People and bib-chip lists as timing software writes them: no quotes, and comments. */
export const PLAIN_DIALECT: Dialect = { delimiter: ',', quotes: false, comment: ';' };

const csvDialect = (delimiter: string): Dialect => ({ delimiter, quotes: true, comment: null });

const LONGEST_HEADER = 32 * 1024;

/** Cells of the first row; where its quotes are wrong, of its first line as it stands. */
const headerWith = (text: string, delimiter: string): readonly string[] => {
  const found = firstRows(text, csvDialect(delimiter), 1)[0];
  return found?.cells ?? text.slice(0, LONGEST_HEADER).trimStart().split('\n', 1)[0]?.split(delimiter) ?? [];
};

const knownIn = (cells: readonly string[]): number => mapHeaders(cells).filter((field) => field !== null).length;

/** The delimiter under which the header means most, then the one that makes most cells. */
export const csvDialectOf = (text: string): Dialect => {
  const ranked = DELIMITERS.map((delimiter) => {
    const cells = headerWith(text, delimiter);
    return { delimiter, known: knownIn(cells), cells: cells.length };
  }).sort((a, b) => b.known - a.known || b.cells - a.cells);
  return csvDialect(ranked[0]?.delimiter ?? ',');
};

const isChip = (cell: string | undefined): boolean => /^[0-9a-f]{12}$/i.test(cell?.trim() ?? '');

const isBibChipHeader = (cells: readonly string[]): boolean => {
  const fields = mapHeaders(cells);
  return cells.length === 2 && fields[0] === 'bib' && fields[1] === 'chip';
};

/** What a file is by its first row that is no comment. */
export const guessFormat = (text: string, kind?: RosterKind): RosterFormat => {
  const plain = firstRows(text, PLAIN_DIALECT, 1)[0]?.cells ?? [];
  if (kind !== 'participants' && (isBibChipHeader(plain) || (plain.length === 2 && isChip(plain[1])))) return 'bibchip';
  if (looksLikeHeader(headerWith(text, csvDialectOf(text).delimiter))) return 'csv';
  return kind === 'chips' ? 'bibchip' : 'ppl';
};
