import { createHash } from 'node:crypto';
import { Sex } from '@baton/schema/doc';
import type { PublicCategory, PublicRace } from '@baton/schema/feed';
import {
  AnnouncerRow,
  CategoryRow,
  OfficialBody,
  OnCourseRow,
  RaceBody,
  ResultRow as ResultRowBody,
  StartRow,
} from '@baton/schema/http';
import { EventId, type RaceId } from '@baton/schema/ids';
import { ClockJson } from '@baton/schema/reads';
import { frozenParts, RESULTS_VERSION, type ResultRow } from '@baton/schema/results';
import type { Sliced } from '@baton/schema/roster';
import { z } from 'zod';
import type { EventFact, FactKind } from '../storage/records.ts';

/** What is kept of official results beside their rows. */
const OfficialRecord = OfficialBody.extend({
  clock: ClockJson,
  categories: z.array(CategoryRow),
  oncourse: z.array(OnCourseRow),
  announcer: z.array(AnnouncerRow),
  /** The races as they were; null: of an event that became official before a relay kept them. */
  structure: z
    .array(RaceBody.omit({ eventId: true }).extend({ rankBy: z.enum(['gun', 'chip']) }))
    .nullable()
    .default(null),
});
export type OfficialRecord = z.infer<typeof OfficialRecord>;

/** One race's rows as they became official. */
export interface FrozenRace {
  readonly raceId: RaceId;
  readonly name: string;
  readonly rows: readonly ResultRow[];
  /** Who might start; null as above. */
  readonly starters: readonly StartRow[] | null;
}

export interface FrozenLists {
  readonly record: OfficialRecord;
  readonly races: ReadonlyMap<RaceId, FrozenRace>;
}

/** Everything that is frozen, before it is hashed. */
export interface ToFreeze
  extends Omit<OfficialRecord, 'resultsVersion' | 'hash' | 'races' | 'categories' | 'structure'> {
  readonly structure: readonly PublicRace[];
  readonly races: readonly FrozenRace[];
  readonly categories: readonly PublicCategory[];
}

/** Rows of one fact: some hundred KB. What goes to the store's thread takes the square of their number to hand over. */
const PART = 500;
/** Rows hashed, or written, in one step. */
const STEP = 50;

function* hashOf(rows: readonly ResultRow[]): Sliced<string> {
  const hash = createHash('sha256');
  let count = 0;
  for (const part of frozenParts(rows, RESULTS_VERSION)) {
    hash.update(part, 'utf8');
    if (++count % STEP === 0) yield;
  }
  return hash.digest('hex');
}

/** Stands in keys where a race's id does: who was on the course, of all races. */
const ON_COURSE = 'oncourse';

const partKey = (list: string, part: number): string => `${list}/${String(part).padStart(6, '0')}`;

/** `JSON.stringify`, some rows at a time. */
function* jsonOf(rows: readonly object[]): Sliced<Buffer> {
  const texts: Buffer[] = [];
  for (let from = 0; from < rows.length; from += STEP) {
    const text = JSON.stringify(rows.slice(from, from + STEP));
    texts.push(Buffer.from(`${from === 0 ? '[' : ','}${text.slice(1, -1)}`));
    yield;
  }
  return Buffer.concat([...texts, Buffer.from(']')]);
}

function* rowFacts(
  eventId: EventId,
  kind: FactKind,
  list: string,
  rows: readonly object[],
): Sliced<readonly EventFact[]> {
  const facts: EventFact[] = [];
  for (let from = 0; from < rows.length; from += PART) {
    const bytes = yield* jsonOf(rows.slice(from, from + PART));
    facts.push({ eventId, kind, key: partKey(list, facts.length), bytes });
  }
  return facts;
}

export interface Frozen {
  readonly lists: FrozenLists;
  /** To be stored in the step that makes the event official. */
  readonly facts: readonly EventFact[];
}

/** Hashes and packs official results, some thousand rows at a time. */
export function* freeze(it: ToFreeze): Sliced<Frozen> {
  const races: { readonly raceId: RaceId; readonly name: string; readonly rows: number; readonly hash: string }[] = [];
  const facts: EventFact[] = [];
  for (const race of it.races) {
    races.push({ raceId: race.raceId, name: race.name, rows: race.rows.length, hash: yield* hashOf(race.rows) });
    facts.push(...(yield* rowFacts(it.eventId, 'official-rows', race.raceId, race.rows)));
    facts.push(...(yield* rowFacts(it.eventId, 'official-starters', race.raceId, race.starters ?? [])));
  }
  const hash = createHash('sha256')
    .update(races.map((race) => race.hash).join(''))
    .digest('hex');
  const categories = it.categories.map((category) => ({ ...category, raceIds: [...category.raceIds] }));
  const structure = it.structure.map((race) => ({
    ...race,
    points: [...race.points],
    categories: [...race.categories],
  }));
  const record: OfficialRecord = { ...it, resultsVersion: RESULTS_VERSION, hash, races, categories, structure };
  facts.push({
    eventId: it.eventId,
    kind: 'official',
    key: '',
    bytes: Buffer.from(JSON.stringify({ ...record, oncourse: [] })),
  });
  facts.push(...(yield* rowFacts(it.eventId, 'official-rows', ON_COURSE, it.oncourse)));
  return { lists: { record, races: new Map(it.races.map((race) => [race.raceId, race])) }, facts };
}

const Rows = z.array(ResultRowBody.extend({ sex: Sex.nullable() }));
const Starters = z.array(StartRow);
const CourseRows = z.array(OnCourseRow);

const listOf = ({ key }: EventFact): string => key.slice(0, key.indexOf('/'));

/** Rows of each list out of their pieces. */
function* joined<Row>(
  parts: readonly EventFact[],
  shape: z.ZodType<readonly Row[]>,
): Sliced<ReadonlyMap<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (const part of parts) {
    const list = listOf(part);
    const known = rows.get(list) ?? [];
    const told: unknown = JSON.parse(Buffer.from(part.bytes).toString('utf8'));
    yield;
    known.push(...shape.parse(told));
    rows.set(list, known);
    yield;
  }
  return rows;
}

/** What is stored of official results. */
export interface FrozenFacts {
  readonly official: readonly EventFact[];
  readonly rows: readonly EventFact[];
  readonly starters: readonly EventFact[];
}

const recordOf = ({ bytes }: EventFact): OfficialRecord =>
  OfficialRecord.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));

/** The races alone, as they were then, of the fact `official`; null: none were kept. */
export const frozenStructure = (official: readonly EventFact[]): OfficialRecord['structure'] => {
  const [head] = official;
  return head === undefined ? null : recordOf(head).structure;
};

/** Official results as they were stored; null: they became official before a relay kept any. */
export function* thaw(facts: FrozenFacts): Sliced<FrozenLists | null> {
  const [head] = facts.official;
  if (head === undefined) return null;
  const record = recordOf(head);
  const rows = yield* joined(
    facts.rows.filter((it) => listOf(it) !== ON_COURSE),
    Rows,
  );
  const course = yield* joined(
    facts.rows.filter((it) => listOf(it) === ON_COURSE),
    CourseRows,
  );
  const starters = yield* joined(facts.starters, Starters);
  const oncourse = [...record.oncourse, ...(course.get(ON_COURSE) ?? [])];
  const races = record.races.map(({ raceId, name }) => ({
    raceId,
    name,
    rows: rows.get(raceId) ?? [],
    starters: record.structure === null ? null : (starters.get(raceId) ?? []),
  }));
  return { record: { ...record, oncourse }, races: new Map(races.map((race) => [race.raceId, race])) };
}

/** What anybody may see of it: the log's cut names streams, and these name forwarders and readers. */
export const officialBody = ({ record }: FrozenLists): OfficialBody => {
  const { eventId, officialAt, resultsVersion, hash, cut, documents, races } = record;
  return { eventId: EventId.parse(eventId), officialAt, resultsVersion, hash, cut, documents, races };
};
