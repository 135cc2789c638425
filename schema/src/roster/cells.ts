import type { Participant } from '../doc/roster-doc.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from './line-problem.ts';

/**
 * Cells as the roster's schema takes them, checked by hand: a list of 55,000 rows would keep zod busy
 * for a second. A test holds them against `ParticipantInput`.
 */
type Cell<T> = Result<T, string>;

const MAX_TEXT = 200;
const MAX_BIB = 32;
const MAX_CATEGORY = 128;
const MAX_CHIPS = 16;
const CONTROL = /\p{Cc}/u;

const checkText = (text: string, what: string, longest: number): Cell<string> => {
  if (text.length > longest) return err(`${what} is longer than ${longest} characters: ${shown(text)}`);
  if (CONTROL.test(text)) return err(`${what} holds a control character or a line break: ${shown(text)}`);
  return ok(text);
};

/** A start number as people write it. */
export const bibCell = (cell: string): Cell<string> => {
  const bib = cell.trim();
  return bib === '' ? err('bib is empty') : checkText(bib, 'bib', MAX_BIB);
};

/** A start number of a format without a header, where a line of words must not pass for a participant. */
export const digitBibCell = (cell: string): Cell<string> =>
  /\d/.test(cell) || cell.trim() === '' ? bibCell(cell) : err(`expected a bib with a digit, got ${shown(cell.trim())}`);

export const textCell = (cell: string, what: string): Cell<string> => checkText(cell.trim(), what, MAX_TEXT);

export const optionalCell = (cell: string, what: string): Cell<string | null> => {
  const text = textCell(cell, what);
  return text.ok && text.value === '' ? ok(null) : text;
};

export const categoryCell = (cell: string): Cell<string | null> => {
  const text = cell.trim();
  return text === '' ? ok(null) : checkText(text, 'category', MAX_CATEGORY);
};

type Sex = Participant['sex'];

const SEXES: ReadonlyMap<string, Sex> = new Map<string, Sex>([
  ['', null],
  ...['f', 'w', 'female', 'woman', 'women', 'girl', 'weiblich', 'frau', 'frauen'].map((it): [string, Sex] => [it, 'F']),
  ...['m', 'male', 'man', 'men', 'boy', 'männlich', 'mann', 'männer'].map((it): [string, Sex] => [it, 'M']),
  ...['x', 'd', 'o', 'nb', 'other', 'nonbinary', 'non-binary', 'divers'].map((it): [string, Sex] => [it, 'X']),
]);

export const sexCell = (cell: string): Cell<Sex> => {
  const sex = SEXES.get(cell.trim().toLowerCase());
  return sex === undefined ? err(`expected sex F, M or X, got ${shown(cell.trim())}`) : ok(sex);
};

/** As FinishLynx has it: M, F, and any other letter for all else. */
export const pplSexCell = (cell: string): Cell<Sex> => {
  const letter = cell.trim();
  return /^[a-z]$/i.test(letter) && !SEXES.has(letter.toLowerCase()) ? ok('X') : sexCell(cell);
};

const FIRST_YEAR = 1850;
const LAST_YEAR = 2200;
const YEAR = /^(?:(\d{4})(?:-\d{1,2}-\d{1,2})?|\d{1,2}[./]\d{1,2}[./](\d{4}))$/;

/** A year, or a date whose year counts: `1980`, `1980-05-17`, `17.05.1980`. */
export const birthYearCell = (cell: string): Cell<number | null> => {
  const text = cell.trim();
  if (text === '') return ok(null);
  const found = YEAR.exec(text);
  const year = Number(found?.[1] ?? found?.[2] ?? Number.NaN);
  if (year >= FIRST_YEAR && year <= LAST_YEAR) return ok(year);
  return err(`expected a year of birth from ${FIRST_YEAR} to ${LAST_YEAR}, got ${shown(text)}`);
};

const CHIP = /^[0-9a-f]{12}$/;

/** A chip as reads carry it. Spreadsheets eat leading zeros and write `5.8E+10`: neither would ever match a read. */
export const chipCell = (cell: string): Cell<string> => {
  const chip = cell.trim().toLowerCase();
  return CHIP.test(chip) ? ok(chip) : err(`expected a chip of 12 hex digits, got ${shown(cell.trim())}`);
};

/** Chips of one participant: none, one, or several with blanks, `;` or `|` between. */
export const chipsCell = (cell: string): Cell<readonly string[]> => {
  const parts = cell.split(/[\s;|]+/).filter((part) => part !== '');
  if (parts.length > MAX_CHIPS) return err(`more than ${MAX_CHIPS} chips`);
  const chips: string[] = [];
  for (const part of parts) {
    const chip = chipCell(part);
    if (!chip.ok) return chip;
    chips.push(chip.value);
  }
  return ok(chips);
};
