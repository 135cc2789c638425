import * as Y from 'yjs';
import { z } from 'zod';
import { NodeId, PointId, RaceId, StreamId } from '../ids.ts';
import { type PairKey, pairFromKey, pairKey } from '../reads/clock.ts';
import type { SetupView } from '../selection/resolver.ts';
import { type Alarm, readAlarms } from './alarms.ts';
import { type DocProblem, firstIssue, problemAt, removedKeys, sortedEntries } from './doc-entry.ts';
import { type Category, CategoryInput, Label, type Point, PointInput, type Race, StartAt } from './race.ts';
import { setupRoots } from './roots.ts';
import { ClockOffset, DEFAULT_RULES, RULE_SCHEMAS, type Rules } from './rules.ts';
import { DEFAULT_WATCH, WATCH_SCHEMAS, type WatchSettings } from './watch.ts';

/** What the setup document says. Only entries that parsed, and only references to races that exist. */
export interface Setup {
  /** By name, then id. */
  readonly races: ReadonlyMap<RaceId, Race>;
  /** Ids of races that were here once, and were removed. */
  readonly removedRaces: ReadonlySet<string>;
  readonly epochRaces: ReadonlyMap<PairKey, RaceId>;
  readonly epochNames: ReadonlyMap<PairKey, string>;
  /** Milliseconds to add to each time that a reader told in that epoch; absent: none. */
  readonly epochOffsets: ReadonlyMap<PairKey, number>;
  readonly streamLabels: ReadonlyMap<StreamId, string>;
  readonly streamPoints: ReadonlyMap<StreamId, PointId>;
  readonly forwarderRaces: ReadonlyMap<NodeId, RaceId>;
  readonly rules: Rules;
  readonly watch: WatchSettings;
  /** Raised ones first, the newest first. */
  readonly alarms: readonly Alarm[];
}

export const EMPTY_SETUP: Setup = {
  races: new Map(),
  removedRaces: new Set(),
  epochRaces: new Map(),
  epochNames: new Map(),
  epochOffsets: new Map(),
  streamLabels: new Map(),
  streamPoints: new Map(),
  forwarderRaces: new Map(),
  rules: DEFAULT_RULES,
  watch: DEFAULT_WATCH,
  alarms: [],
};

type Report = (key: string, message: string) => void;

const Order = z.object({ order: z.number().catch(0) });

/** Entries of a nested list: parsed, then by `order` and id. */
const readList = <T>(
  map: unknown,
  parse: (key: string, value: object) => z.ZodSafeParseResult<T>,
  report: Report,
): readonly T[] => {
  if (!(map instanceof Y.Map)) return [];
  const items: { readonly order: number; readonly item: T }[] = [];
  for (const [key, value] of sortedEntries(map)) {
    const order = Order.safeParse(value);
    const parsed = order.success && typeof value === 'object' && value !== null ? parse(key, value) : null;
    if (parsed?.success && order.success) items.push({ order: order.data.order, item: parsed.data });
    else report(key, parsed?.error === undefined ? 'expected an object' : firstIssue(parsed.error));
  }
  return items.sort((a, b) => a.order - b.order).map(({ item }) => item);
};

const StoredCategory = CategoryInput.transform(
  (it): Category => ({
    categoryId: it.categoryId,
    name: it.name,
    sex: it.sex ?? null,
    ageFrom: it.ageFrom ?? null,
    ageTo: it.ageTo ?? null,
  }),
);

const readCategory = (categoryId: string, value: object): z.ZodSafeParseResult<Category> =>
  StoredCategory.safeParse({ ...value, categoryId });

const readPoint = (pointId: string, value: object): z.ZodSafeParseResult<Point> =>
  PointInput.safeParse({ ...value, pointId });

const RaceFields = z.object({ name: Label, startAt: z.string().nullish() });

const readRace = (raceId: RaceId, value: unknown, report: Report): Race | null => {
  if (!(value instanceof Y.Map)) {
    report(raceId, 'expected a map of a race’s fields');
    return null;
  }
  const fields = RaceFields.safeParse({ name: value.get('name'), startAt: value.get('startAt') });
  if (!fields.success) {
    report(raceId, firstIssue(fields.error));
    return null;
  }
  const startAt = StartAt.nullable().safeParse(fields.data.startAt ?? null);
  if (!startAt.success) report(`${raceId}/startAt`, firstIssue(startAt.error));
  return {
    raceId,
    name: fields.data.name,
    startAt: startAt.data ?? null,
    points: readList(value.get('points'), readPoint, (key, message) => report(`${raceId}/points/${key}`, message)),
    categories: readList(value.get('categories'), readCategory, (key, message) =>
      report(`${raceId}/categories/${key}`, message),
    ),
  };
};

const byName = (a: Race, b: Race): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.raceId < b.raceId ? -1 : 1;

const readRaces = (map: Y.Map<unknown>, report: Report): ReadonlyMap<RaceId, Race> => {
  const races: Race[] = [];
  for (const [key, value] of map.entries()) {
    const raceId = RaceId.safeParse(key);
    // a race under two spellings of one id would be two races to some and one to others
    if (!raceId.success || raceId.data !== key) report(key, 'expected a race id in its canonical spelling');
    else {
      const race = readRace(raceId.data, value, report);
      if (race !== null) races.push(race);
    }
  }
  return new Map(races.sort(byName).map((race) => [race.raceId, race]));
};

/** A flat map whose keys and values are both parsed. */
const readFlat = <K extends string, V>(
  map: Y.Map<unknown>,
  keyOf: (key: string) => K | null,
  parse: (value: unknown) => { readonly value: V } | { readonly problem: string },
  report: Report,
): ReadonlyMap<K, V> => {
  const entries = new Map<K, V>();
  for (const [text, raw] of sortedEntries(map)) {
    const key = keyOf(text);
    const read = parse(raw);
    if (key === null) report(text, 'unexpected key');
    else if ('problem' in read) report(text, read.problem);
    else entries.set(key, read.value);
  }
  return entries;
};

const parsedBy =
  <S extends z.ZodType>(schema: S) =>
  (value: unknown): { readonly value: z.infer<S> } | { readonly problem: string } => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { problem: firstIssue(parsed.error) };
  };

const keyBy =
  <S extends z.ZodType<string>>(schema: S) =>
  (key: string): z.infer<S> | null =>
    schema.safeParse(key).data ?? null;

const canonicalPairKey = (key: string): PairKey | null => {
  const pair = pairFromKey(key);
  return pair === null ? null : pairKey(pair.streamId, pair.epoch);
};

/** An id of a race that exists: a race deleted while another replica mapped to it leaves a dangling entry. */
const raceAmong =
  (races: ReadonlyMap<RaceId, Race>) =>
  (value: unknown): { readonly value: RaceId } | { readonly problem: string } => {
    const raceId = RaceId.safeParse(value);
    if (!raceId.success) return { problem: firstIssue(raceId.error) };
    return races.has(raceId.data) ? { value: raceId.data } : { problem: `there is no race ${raceId.data}` };
  };

const readRules = (map: Y.Map<unknown>, report: Report): Rules => {
  const read = <T>(key: keyof Rules, schema: z.ZodType<T>, preset: T): T => {
    const value = map.get(key);
    if (value === undefined) return preset;
    const parsed = schema.safeParse(value);
    if (!parsed.success) report(key, firstIssue(parsed.error));
    return parsed.success ? parsed.data : preset;
  };
  return {
    dedupWindowMs: read('dedupWindowMs', RULE_SCHEMAS.dedupWindowMs, DEFAULT_RULES.dedupWindowMs),
    minLapMs: read('minLapMs', RULE_SCHEMAS.minLapMs, DEFAULT_RULES.minLapMs),
    startWindowMs: read('startWindowMs', RULE_SCHEMAS.startWindowMs, DEFAULT_RULES.startWindowMs),
    rankBy: read('rankBy', RULE_SCHEMAS.rankBy, DEFAULT_RULES.rankBy),
  };
};

const readWatch = (map: Y.Map<unknown>, report: Report): WatchSettings => {
  const set: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(WATCH_SCHEMAS)) {
    const value = map.get(key);
    if (value === undefined) continue;
    const parsed = schema.safeParse(value);
    if (parsed.success) set[key] = parsed.data;
    else report(key, firstIssue(parsed.error));
  }
  return { ...DEFAULT_WATCH, ...set };
};

/** Reads the whole document. What does not parse, or refers to no race, is left out and named in `problems`. */
export const readSetup = (doc: Y.Doc): { readonly setup: Setup; readonly problems: readonly DocProblem[] } => {
  const roots = setupRoots(doc);
  const problems: DocProblem[] = [];
  const reportTo =
    (root: keyof typeof roots): Report =>
    (key, message) => {
      problems.push(problemAt(root, key, message));
    };
  const races = readRaces(roots.races, reportTo('races'));
  const raceId = raceAmong(races);
  const told = readAlarms(doc);
  const setup: Setup = {
    races,
    removedRaces: new Set(removedKeys(roots.races)),
    epochRaces: readFlat(roots.epochRaces, canonicalPairKey, raceId, reportTo('epochRaces')),
    epochNames: readFlat(roots.epochNames, canonicalPairKey, parsedBy(Label), reportTo('epochNames')),
    epochOffsets: readFlat(roots.epochOffsets, canonicalPairKey, parsedBy(ClockOffset), reportTo('epochOffsets')),
    streamLabels: readFlat(roots.streamLabels, keyBy(StreamId), parsedBy(Label), reportTo('streamLabels')),
    streamPoints: readFlat(roots.streamPoints, keyBy(StreamId), parsedBy(PointId), reportTo('streamPoints')),
    forwarderRaces: readFlat(roots.forwarderRaces, keyBy(NodeId), raceId, reportTo('forwarderRaces')),
    rules: readRules(roots.rules, reportTo('rules')),
    watch: readWatch(roots.watch, reportTo('watch')),
    alarms: told.alarms,
  };
  return { setup, problems: [...problems, ...told.problems] };
};

/** What the selection resolver needs of the setup. */
export const setupView = (setup: Setup): SetupView => ({
  raceIds: new Set(setup.races.keys()),
  epochRaces: setup.epochRaces,
  forwarderRaces: setup.forwarderRaces,
});
