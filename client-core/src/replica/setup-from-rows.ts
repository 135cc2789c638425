import {
  type Category,
  type Correction,
  DEFAULT_RULES,
  EMPTY_SETUP,
  type Participant,
  type ParticipantId,
  type Point,
  type Race,
  type Roster,
  type Rules,
  type Setup,
} from '@baton/schema/doc';
import type { PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import type { SetupRow, SetupTable } from './setup-rows.ts';

/** Rows of a setup table, as they lie in the database. */
export type TableRows = (table: SetupTable) => Iterable<SetupRow>;

/** What the fold of results takes of the setup, read back: with these it goes on where there is no document. */
export interface StoredSetup {
  readonly setup: Setup;
  readonly roster: Roster;
  /** Null: the event is not known, and with it no zone. */
  readonly event: { readonly timezone: string; readonly date: string } | null;
}

/** The tables hold what was parsed before it was stored: values are taken as what their column says. */
const of = <T>(row: SetupRow, column: string): T => row[column] as T;

const grouped = <T>(rows: Iterable<SetupRow>, item: (row: SetupRow) => T): ReadonlyMap<RaceId, readonly T[]> => {
  const groups = new Map<RaceId, { readonly position: number; readonly item: T }[]>();
  for (const row of rows) {
    const raceId = of<RaceId>(row, 'race_id');
    const group = groups.get(raceId) ?? [];
    groups.set(raceId, group);
    group.push({ position: of(row, 'position'), item: item(row) });
  }
  const ordered = [...groups].map(
    ([raceId, group]) => [raceId, group.sort((a, b) => a.position - b.position).map((it) => it.item)] as const,
  );
  return new Map(ordered);
};

const pointOf = (row: SetupRow): Point => ({
  pointId: of(row, 'point_id'),
  name: of(row, 'name'),
  kind: of(row, 'kind'),
});

const categoryOf = (row: SetupRow): Category => ({
  categoryId: of(row, 'category_id'),
  name: of(row, 'name'),
  sex: of(row, 'sex'),
  ageFrom: of(row, 'age_from'),
  ageTo: of(row, 'age_to'),
});

const racesOf = (rows: TableRows): ReadonlyMap<RaceId, Race> => {
  const points = grouped(rows('points'), pointOf);
  const categories = grouped(rows('categories'), categoryOf);
  const races = new Map<RaceId, Race>();
  for (const row of rows('races')) {
    const raceId = of<RaceId>(row, 'race_id');
    const [name, startAt] = [of<string>(row, 'name'), of<string | null>(row, 'start_at')];
    const lists = { points: points.get(raceId) ?? [], categories: categories.get(raceId) ?? [] };
    races.set(raceId, { raceId, name, startAt, ...lists });
  }
  return races;
};

const rulesOf = (rows: Iterable<SetupRow>): Rules => {
  const told = new Map([...rows].map((row) => [of<string>(row, 'name'), of<string>(row, 'value')]));
  const ms = (name: Exclude<keyof Rules, 'rankBy'>): number => Number(told.get(name) ?? DEFAULT_RULES[name]);
  return {
    dedupWindowMs: ms('dedupWindowMs'),
    minLapMs: ms('minLapMs'),
    startWindowMs: ms('startWindowMs'),
    rankBy: told.get('rankBy') === 'chip' ? 'chip' : 'gun',
  };
};

const setupOf = (rows: TableRows): Setup => {
  const streamPoints = new Map<StreamId, PointId>();
  for (const row of rows('streams')) {
    const pointId = of<PointId | null>(row, 'point_id');
    if (pointId !== null) streamPoints.set(of(row, 'stream_id'), pointId);
  }
  const mappings = [...rows('mappings')].map(
    (row) => [pairKey(of(row, 'stream_id'), of(row, 'epoch')), of<RaceId>(row, 'race_id')] as const,
  );
  const offsets = [...rows('clock_offsets')].map(
    (row) => [pairKey(of(row, 'stream_id'), of(row, 'epoch')), Number(of<number | string>(row, 'offset_ms'))] as const,
  );
  const [races, rules] = [racesOf(rows), rulesOf(rows('rules'))];
  return { ...EMPTY_SETUP, races, epochRaces: new Map(mappings), epochOffsets: new Map(offsets), streamPoints, rules };
};

const participantOf = (row: SetupRow): Participant => ({
  participantId: of(row, 'participant_id'),
  bib: of(row, 'bib'),
  firstName: of(row, 'first_name'),
  lastName: of(row, 'last_name'),
  club: of(row, 'club'),
  sex: of(row, 'sex'),
  birthYear: of(row, 'birth_year'),
  category: of(row, 'category'),
  raceId: of(row, 'race_id'),
});

const correctionOf = (row: SetupRow): Correction => ({
  status: of(row, 'status'),
  manualMs: of(row, 'manual_ms'),
  reason: of(row, 'reason'),
  author: of(row, 'author'),
  at: of(row, 'at'),
});

const rosterOf = (rows: TableRows): Roster => {
  const participants = new Map<ParticipantId, Participant>();
  for (const row of rows('participants')) participants.set(of(row, 'participant_id'), participantOf(row));
  const chips = new Map<string, ParticipantId>();
  for (const row of rows('chips')) chips.set(of(row, 'chip'), of(row, 'participant_id'));
  const corrections = new Map<ParticipantId, Correction>();
  for (const row of rows('corrections')) corrections.set(of(row, 'participant_id'), correctionOf(row));
  return { participants, chips, corrections };
};

export const setupFromRows = (rows: TableRows): StoredSetup => {
  const [event] = rows('event');
  return {
    setup: setupOf(rows),
    roster: rosterOf(rows),
    event: event === undefined ? null : { timezone: of(event, 'timezone'), date: of(event, 'date') },
  };
};
