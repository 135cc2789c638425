import { type Correction, type Participant, participantName, type Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';

/** One participant as the list holds it: what is looked for and sorted by is made once. */
export interface RosterRow {
  readonly participant: Participant;
  readonly chips: readonly string[];
  readonly correction: Correction | null;
  /** Bib, names and club as `fold` spells them. */
  readonly words: string;
  /** Orders bibs as people do: `9` before `10`, `A-2` before `A-10`. */
  readonly bibKey: string;
}

/** Before each number stands how many digits it has: longer numbers are larger, of equally long ones the order of texts holds. */
export const bibKey = (bib: string): string =>
  bib.toLowerCase().replace(/0*(\d+)/g, (_, digits: string) => String.fromCharCode(digits.length) + digits);

/** How texts are compared with what is typed: in lower case and without accents. */
export const fold = (text: string): string => (PLAIN.test(text) ? text.toLowerCase() : foldLetters(text));

const PLAIN = /^[ -~]*$/;

const foldLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .replaceAll('ł', 'l');

export const rosterRow = (
  participant: Participant,
  chips: readonly string[],
  correction: Correction | null,
): RosterRow => ({
  participant,
  chips,
  correction,
  words: fold(`${participant.bib} ${participantName(participant)} ${participant.club ?? ''}`),
  bibKey: bibKey(participant.bib),
});

/** Place of each race in the list; those without one, or of a race that is gone, come last. */
export type RaceOrder = ReadonlyMap<RaceId, number>;

export const raceOrder = (races: Iterable<Race>): RaceOrder =>
  new Map([...races].map((race, place): [RaceId, number] => [race.raceId, place]));

const placeOf = (order: RaceOrder, raceId: RaceId | null): number =>
  raceId === null ? Number.MAX_SAFE_INTEGER : (order.get(raceId) ?? Number.MAX_SAFE_INTEGER - 1);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By race, then by bib; people of one bib by name, so that the order is the same everywhere. */
export const compareRows =
  (order: RaceOrder) =>
  (a: RosterRow, b: RosterRow): number => {
    const [raceA, raceB] = [a.participant.raceId, b.participant.raceId];
    if (raceA !== raceB) {
      const byPlace = placeOf(order, raceA) - placeOf(order, raceB) || compareText(raceA ?? '', raceB ?? '');
      if (byPlace !== 0) return byPlace;
    }
    return (
      compareText(a.bibKey, b.bibKey) ||
      compareText(a.participant.bib, b.participant.bib) ||
      compareText(a.words, b.words) ||
      compareText(a.participant.participantId, b.participant.participantId)
    );
  };

const insertAt = (rows: readonly RosterRow[], row: RosterRow, compare: ReturnType<typeof compareRows>): number => {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = rows[middle];
    if (there !== undefined && compare(there, row) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Below this many changes, putting each in its place is cheaper than sorting everybody again. */
const FEW = 50;

/** Sorted rows after a change: `gone` leave, `fresh` (their new versions, and newcomers) take their places. */
export const reorder = (
  sorted: readonly RosterRow[],
  isGone: (row: RosterRow) => boolean,
  fresh: readonly RosterRow[],
  order: RaceOrder,
): readonly RosterRow[] => {
  const compare = compareRows(order);
  const rows = sorted.filter((row) => !isGone(row));
  if (fresh.length > FEW) return [...rows, ...fresh].sort(compare);
  for (const row of fresh) rows.splice(insertAt(rows, row, compare), 0, row);
  return rows;
};

const sameBib = (a: RosterRow | undefined, b: RosterRow | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.participant.bib === b.participant.bib &&
  a.participant.raceId === b.participant.raceId;

/** Everybody who shares a bib with somebody of the same race; neighbours, since the rows are sorted by both. */
export const bibTwins = (sorted: readonly RosterRow[]): ReadonlySet<string> => {
  const twins = new Set<string>();
  for (const [at, row] of sorted.entries()) {
    if (sameBib(row, sorted[at - 1]) || sameBib(row, sorted[at + 1])) twins.add(row.participant.participantId);
  }
  return twins;
};

/** How many are in each race; null: in none. */
export const countByRace = (rows: readonly RosterRow[]): ReadonlyMap<RaceId | null, number> => {
  const counts = new Map<RaceId | null, number>();
  for (const { participant } of rows) counts.set(participant.raceId, (counts.get(participant.raceId) ?? 0) + 1);
  return counts;
};
