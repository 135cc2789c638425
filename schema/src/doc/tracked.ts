import * as Y from 'yjs';
import { rosterRoots, setupRoots } from './roots.ts';
import { forkedKeys, parentOf, type Write, writesOf, writtenKeys } from './writes.ts';

/** The documents that several people edit. */
export type SharedDoc = 'setup' | 'roster';

/**
 * Where an entry stands, outermost first: `['epochRaces', 'box.mat/3']`, `['races', raceId, 'points', pointId]`,
 * `['participants', participantId, 'club']`.
 */
export type Place = readonly string[];

/** Whether it is a thing with parts of its own, not a part or a single value. */
export const isWhole = ([root, , ...inside]: Place): boolean =>
  (root === 'races' || root === 'participants') && inside.length === 0;

/** One entry whose changes are told and whose conflicts are found. */
export interface Tracked {
  readonly place: Place;
  readonly map: Y.Map<unknown>;
  readonly key: string;
}

const SETUP_FLAT = [
  'epochRaces',
  'epochNames',
  'epochOffsets',
  'streamLabels',
  'streamPoints',
  'forwarderRaces',
  'rules',
  'watch',
] as const;
const ROSTER_FLAT = ['participants', 'chips', 'corrections'] as const;

/** Names of a race's parts that are maps themselves. */
const isList = (key: string): boolean => key === 'points' || key === 'categories';

/** The key under which a participant's field is kept once it was changed, taken apart; see `roster-doc.ts`. */
export const splitFieldKey = (key: string): readonly [field: string, participantId: string] => {
  const colon = key.indexOf(':');
  return colon < 0 ? [key, ''] : [key.slice(0, colon), key.slice(colon + 1)];
};

/** Which keys of a map to visit. */
type KeysOf = (map: Y.Map<unknown>) => readonly string[];

function* flat(root: string, map: Y.Map<unknown>, keysOf: KeysOf): Generator<Tracked> {
  for (const key of keysOf(map)) yield { place: [root, key], map, key };
}

/** A list's map as it was written last, also when it lies in a race that has been removed. */
const mapUnder = (map: Y.Map<unknown>, key: string): Y.Map<unknown> | null => {
  const value = writesOf(map, key).at(-1)?.value;
  return value instanceof Y.Map ? value : null;
};

/** A race's own fields, and the entries of its lists. */
export function* raceEntries(raceId: string, race: Y.Map<unknown>, keysOf: KeysOf = writtenKeys): Generator<Tracked> {
  const lists = new Map(
    writtenKeys(race).flatMap((key) => {
      const list = isList(key) ? mapUnder(race, key) : null;
      return list === null ? [] : [[key, list] as const];
    }),
  );
  for (const key of keysOf(race)) if (!lists.has(key)) yield { place: ['races', raceId, key], map: race, key };
  for (const [key, list] of lists) {
    for (const item of keysOf(list)) yield { place: ['races', raceId, key, item], map: list, key: item };
  }
}

/** Every state of a race among the writes of its id, removed ones included. */
export const raceMaps = (writes: readonly Write[]): readonly Y.Map<unknown>[] =>
  writes.flatMap(({ value }) => (value instanceof Y.Map ? [value] : []));

function* setupEntries(doc: Y.Doc, keysOf: KeysOf): Generator<Tracked> {
  const roots = setupRoots(doc);
  yield* flat('races', roots.races, keysOf);
  for (const raceId of writtenKeys(roots.races)) {
    for (const race of raceMaps(writesOf(roots.races, raceId))) yield* raceEntries(raceId, race, keysOf);
  }
  for (const root of SETUP_FLAT) yield* flat(root, roots[root], keysOf);
}

const participantFieldPlace = (key: string): Place => {
  const [field, participantId] = splitFieldKey(key);
  return ['participants', participantId, field];
};

function* rosterEntries(doc: Y.Doc, keysOf: KeysOf): Generator<Tracked> {
  const roots = rosterRoots(doc);
  for (const root of ROSTER_FLAT) yield* flat(root, roots[root], keysOf);
  const { participantFields } = roots;
  for (const key of keysOf(participantFields)) {
    yield { place: participantFieldPlace(key), map: participantFields, key };
  }
}

const entries = (doc: Y.Doc, kind: SharedDoc, keysOf: KeysOf): Iterable<Tracked> =>
  kind === 'setup' ? setupEntries(doc, keysOf) : rosterEntries(doc, keysOf);

/** Every entry that was ever written, removed ones included. */
export const trackedEntries = (doc: Y.Doc, kind: SharedDoc): Iterable<Tracked> => entries(doc, kind, writtenKeys);

/** Those that were written apart: only there can be a conflict. */
export const forkedEntries = (doc: Y.Doc, kind: SharedDoc): Iterable<Tracked> => entries(doc, kind, forkedKeys);

/** The place of an entry by the map that holds it; null for one that is not tracked. */
export const placeOf = (doc: Y.Doc, kind: SharedDoc, map: Y.Map<unknown>, key: string): Place | null => {
  const parent = parentOf(map);
  if (parent !== null) {
    const outer = placeOf(doc, kind, parent.map, parent.key);
    return outer === null ? null : [...outer, key];
  }
  const roots = kind === 'setup' ? setupRoots(doc) : rosterRoots(doc);
  const root = Object.entries(roots).find(([, it]) => it === map)?.[0];
  if (root === undefined) return null;
  return root === 'participantFields' ? participantFieldPlace(key) : [root, key];
};

const raceEntryAt = (race: unknown, [field, item]: Place): Pick<Tracked, 'map' | 'key'> | null => {
  if (!(race instanceof Y.Map) || field === undefined) return null;
  if (item === undefined) return { map: race, key: field };
  const list = race.get(field);
  return list instanceof Y.Map ? { map: list, key: item } : null;
};

/** Where the entry of a place is written now; null in a race or of a participant that is not there. */
export const entryAt = (doc: Y.Doc, kind: SharedDoc, place: Place): Pick<Tracked, 'map' | 'key'> | null => {
  const [root, key, ...inside] = place;
  if (root === undefined || key === undefined) return null;
  if (inside.length === 0) {
    const map = new Map<string, Y.Map<unknown>>(Object.entries(kind === 'setup' ? setupRoots(doc) : rosterRoots(doc)));
    const found = map.get(root);
    return found === undefined ? null : { map: found, key };
  }
  if (kind === 'setup') return root === 'races' ? raceEntryAt(setupRoots(doc).races.get(key), inside) : null;
  const { participants, participantFields } = rosterRoots(doc);
  return root === 'participants' && participants.has(key)
    ? { map: participantFields, key: `${inside[0]}:${key}` }
    : null;
};

/** A value as plain JSON: of a race or a list, what was written last into each of its entries. */
export const plainValue = (value: unknown): unknown => {
  if (!(value instanceof Y.Map)) return value;
  const fields = writtenKeys(value).flatMap((key): (readonly [string, unknown])[] => {
    const last = plainValue(writesOf(value, key).at(-1)?.value);
    return last === null || last === undefined ? [] : [[key, last]];
  });
  return Object.fromEntries(fields);
};
