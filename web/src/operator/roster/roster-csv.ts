import type { Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { RosterRow } from './roster-row.ts';

/** Columns that an import knows again by their names. */
const HEADER = ['Bib', 'First name', 'Last name', 'Club', 'Sex', 'Birth year', 'Category', 'Race', 'Chip'];

/** By this mark spreadsheets know that the text is UTF-8. */
const UTF8_MARK = '\uFEFF';

/** RFC 4180. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A text that a spreadsheet would take for a formula gets an apostrophe before it, which an import takes off again. */
const inert = (text: string): string => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Races by the name that an import finds them by; by id where two have the same name. */
const raceNames = (races: ReadonlyMap<RaceId, Race>): ReadonlyMap<RaceId, string> => {
  const spelled = (race: Race): string => race.name.trim().replace(/\s+/g, ' ').toLowerCase();
  const count = new Map<string, number>();
  for (const race of races.values()) count.set(spelled(race), (count.get(spelled(race)) ?? 0) + 1);
  return new Map([...races].map(([id, race]) => [id, count.get(spelled(race)) === 1 ? race.name : id]));
};

const cellsOf = ({ participant, chips }: RosterRow, raceName: (raceId: RaceId) => string): readonly string[] => [
  participant.bib,
  participant.firstName,
  participant.lastName,
  participant.club ?? '',
  participant.sex ?? '',
  participant.birthYear === null ? '' : String(participant.birthYear),
  participant.category ?? '',
  participant.raceId === null ? '' : raceName(participant.raceId),
  chips.join(' '),
];

const line = (cells: readonly string[]): string => `${cells.map((cell) => quoted(inert(cell))).join(',')}\r\n`;

/** The roster as CSV that spreadsheets open and that, imported again, changes nothing. Corrections are not in it. */
export const rosterCsv = (rows: readonly RosterRow[], races: ReadonlyMap<RaceId, Race>): string => {
  const names = raceNames(races);
  const raceName = (raceId: RaceId): string => names.get(raceId) ?? raceId;
  return UTF8_MARK + line(HEADER) + rows.map((row) => line(cellsOf(row, raceName))).join('');
};
