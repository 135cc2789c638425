import * as Y from 'yjs';
import { rosterRoots, setupRoots } from './roots.ts';
import { type Write, writesOf, writtenKeys } from './writes.ts';

/** The documents that several people edit. */
export type SharedDoc = 'setup' | 'roster';

/**
 * Where an entry stands, outermost first: `['epochRaces', 'box.mat/3']`, `['races', raceId, 'points', pointId]`,
 * `['participants', participantId, 'club']`.
 */
export type Place = readonly string[];

/** One entry whose changes are told and whose conflicts are found. */
export interface Tracked {
  readonly place: Place;
  readonly map: Y.Map<unknown>;
  readonly key: string;
}

const SETUP_FLAT = ['epochRaces', 'epochNames', 'streamLabels', 'streamPoints', 'forwarderRaces', 'rules'] as const;
const ROSTER_FLAT = ['participants', 'chips', 'corrections'] as const;

/** Names of a race's parts that are maps themselves. */
const isList = (key: string): boolean => key === 'points' || key === 'categories';

/** The key under which a participant's field is kept once it was changed, taken apart; see `roster-doc.ts`. */
export const splitFieldKey = (key: string): readonly [field: string, participantId: string] => {
  const colon = key.indexOf(':');
  return colon < 0 ? [key, ''] : [key.slice(0, colon), key.slice(colon + 1)];
};

function* flat(root: string, map: Y.Map<unknown>): Generator<Tracked> {
  for (const key of writtenKeys(map)) yield { place: [root, key], map, key };
}

/** A list's map as it was written last, also when it lies in a race that has been removed. */
const mapUnder = (map: Y.Map<unknown>, key: string): Y.Map<unknown> | null => {
  const value = writesOf(map, key).at(-1)?.value;
  return value instanceof Y.Map ? value : null;
};

/** A race's own fields, and the entries of its lists. */
export function* raceEntries(raceId: string, race: Y.Map<unknown>): Generator<Tracked> {
  for (const key of writtenKeys(race)) {
    const list = isList(key) ? mapUnder(race, key) : null;
    if (list === null) yield { place: ['races', raceId, key], map: race, key };
    else for (const item of writtenKeys(list)) yield { place: ['races', raceId, key, item], map: list, key: item };
  }
}

/** Every state of a race that was created under this id, removed ones included. */
export const raceMaps = (races: Y.Map<unknown>, raceId: string): readonly Y.Map<unknown>[] =>
  writesOf(races, raceId).flatMap(({ value }: Write) => (value instanceof Y.Map ? [value] : []));

function* setupEntries(doc: Y.Doc): Generator<Tracked> {
  const roots = setupRoots(doc);
  yield* flat('races', roots.races);
  for (const raceId of writtenKeys(roots.races)) {
    for (const race of raceMaps(roots.races, raceId)) yield* raceEntries(raceId, race);
  }
  for (const root of SETUP_FLAT) yield* flat(root, roots[root]);
}

function* rosterEntries(doc: Y.Doc): Generator<Tracked> {
  const roots = rosterRoots(doc);
  for (const root of ROSTER_FLAT) yield* flat(root, roots[root]);
  for (const key of writtenKeys(roots.participantFields)) {
    const [field, participantId] = splitFieldKey(key);
    yield { place: ['participants', participantId, field], map: roots.participantFields, key };
  }
}

/** Every entry that was ever written, removed ones included. */
export const trackedEntries = (doc: Y.Doc, kind: SharedDoc): Iterable<Tracked> =>
  kind === 'setup' ? setupEntries(doc) : rosterEntries(doc);

/** A value as plain JSON: of a race or a list, what was written last into each of its entries. */
export const plainValue = (value: unknown): unknown => {
  if (!(value instanceof Y.Map)) return value;
  const fields = writtenKeys(value).flatMap((key): (readonly [string, unknown])[] => {
    const last = plainValue(writesOf(value, key).at(-1)?.value);
    return last === null || last === undefined ? [] : [[key, last]];
  });
  return Object.fromEntries(fields);
};
