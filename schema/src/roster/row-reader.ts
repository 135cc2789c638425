import type { Result } from '../result.ts';
import {
  bibCell,
  birthYearCell,
  categoryCell,
  chipCell,
  chipsCell,
  digitBibCell,
  optionalCell,
  pplSexCell,
  sexCell,
  textCell,
} from './cells.ts';
import type { Columns, RosterField } from './columns.ts';
import { mapHeaders } from './columns.ts';
import type { RosterRow } from './roster-row.ts';
import type { SourceRow } from './source-rows.ts';

type Draft = { -readonly [Key in keyof RosterRow]: RosterRow[Key] };

export type ReadRow = Result<RosterRow, readonly string[]>;

/** Puts checked cells into a draft and gathers what is wrong with the others. */
const createDraft = (line: number) => {
  const draft: Draft = { line, bib: '' };
  const wrong: string[] = [];
  const put = <Key extends keyof Draft>(key: Key, cell: Result<Exclude<Draft[Key], undefined>, string>): void => {
    if (cell.ok) draft[key] = cell.value;
    else wrong.push(cell.error);
  };
  const finish = (): ReadRow => (wrong.length === 0 ? { ok: true, value: draft } : { ok: false, error: wrong });
  return { put, wrong, finish };
};

type Put = ReturnType<typeof createDraft>['put'];

const PUT_CELL: Readonly<Record<RosterField, (put: Put, cell: string) => void>> = {
  bib: (put, cell) => put('bib', bibCell(cell)),
  name: (put, cell) => put('name', textCell(cell, 'name')),
  firstName: (put, cell) => put('firstName', textCell(cell, 'first name')),
  lastName: (put, cell) => put('lastName', textCell(cell, 'last name')),
  club: (put, cell) => put('club', optionalCell(cell, 'club')),
  sex: (put, cell) => put('sex', sexCell(cell)),
  birthYear: (put, cell) => put('birthYear', birthYearCell(cell)),
  category: (put, cell) => put('category', categoryCell(cell)),
  chip: (put, cell) => put('chips', chipsCell(cell)),
  race: (put, cell) => put('race', optionalCell(cell, 'race')),
};

/** Exports put an apostrophe before a text that a spreadsheet would take for a formula: it is none of the text. */
const withoutGuard = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

const cellCount = (row: SourceRow, columns: Columns): string | null => {
  const { length } = row.cells;
  if (length < columns.length) return `has ${length} cells, the header has ${columns.length}`;
  const rest = row.cells.slice(columns.length);
  return rest.some((cell) => cell.trim() !== '') ? `has ${length} cells, the header has ${columns.length}` : null;
};

/** Fields that the kind of import does not use are neither read nor checked. */
export const readCsvRow = (row: SourceRow, columns: Columns): ReadRow => {
  const { put, wrong, finish } = createDraft(row.line);
  const defect = cellCount(row, columns);
  if (defect !== null) wrong.push(defect);
  else
    for (const [index, field] of columns.entries())
      if (field !== null) PUT_CELL[field](put, withoutGuard(row.cells[index] ?? ''));
  return finish();
};

const PPL_MOST = 6;

/** FinishLynx people: `bib,last,first[,affiliation[,reserved[,gender]]]`. */
export const readPplRow = ({ line, cells }: SourceRow): ReadRow => {
  const { put, wrong, finish } = createDraft(line);
  const [bib = '', last = '', first = '', club, , sex] = cells;
  if (cells.length < 3) wrong.push(`expected bib,last,first[,affiliation,,gender], got ${cells.length} cells`);
  else if (cells.length > PPL_MOST) wrong.push(`has ${cells.length} cells, at most ${PPL_MOST}: is a comma in a name?`);
  else if (cells.some((cell) => cell.trimStart().startsWith('"')))
    wrong.push('a .ppl file has no quotes: import it as CSV');
  else {
    put('bib', digitBibCell(bib));
    put('lastName', textCell(last, 'last name'));
    put('firstName', textCell(first, 'first name'));
    if (club !== undefined) put('club', optionalCell(club, 'affiliation'));
    if (sex !== undefined) put('sex', pplSexCell(sex));
  }
  return finish();
};

/** `BIB,CHIP`, one chip a line. */
export const readBibChipRow = ({ line, cells }: SourceRow): ReadRow => {
  const { put, wrong, finish } = createDraft(line);
  const [bib = '', chip = ''] = cells;
  if (cells.length !== 2) wrong.push(`expected bib,chip, got ${cells.length} cells`);
  else {
    put('bib', digitBibCell(bib));
    const read = chipCell(chip);
    put('chips', read.ok ? { ok: true, value: [read.value] } : read);
  }
  return finish();
};

/** Whether the row is the header of a bib-chip list, which may have one. */
export const isBibChipHeader = ({ cells }: SourceRow): boolean => {
  const fields = mapHeaders(cells);
  return fields[0] === 'bib' && fields[1] === 'chip';
};
