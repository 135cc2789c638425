import * as Y from 'yjs';
import { z } from 'zod';
import type { NodeId, PointId, RaceId, StreamId } from '../ids.ts';
import { type Pair, pairFromKey, pairKey } from '../reads/clock.ts';
import { deleteEntries, putEntry, removeEntry, setEntry } from './doc-entry.ts';
import { noteSight } from './edit-log.ts';
import { placesFor } from './list-order.ts';
import type { CategoryInput, Point, RaceInput, RacePatch } from './race.ts';
import { setupRoots } from './roots.ts';
import { ClockOffset, type RulesPatch } from './rules.ts';
import type { WatchPatch } from './watch.ts';

/**
 * Edits of the setup document, each one transaction. They write only what differs, and never
 * replace a nested map that exists: what another replica wrote into it meanwhile stays.
 */

const nestedMap = (parent: Y.Map<unknown>, key: string): Y.Map<unknown> => {
  const found = parent.get(key);
  if (found instanceof Y.Map) return found;
  const fresh = new Y.Map<unknown>();
  parent.set(key, fresh);
  return fresh;
};

const Placed = z.object({ order: z.number() });

const placesIn = (map: Y.Map<unknown>): ReadonlyMap<string, number> =>
  new Map(
    [...map.entries()].flatMap(([id, value]) => {
      const placed = Placed.safeParse(value);
      return placed.success ? [[id, placed.data.order]] : [];
    }),
  );

/** Makes the nested map hold exactly these entries, in this order; those that need no change are not touched. */
const putList = (map: Y.Map<unknown>, entries: ReadonlyMap<string, object>): void => {
  const places = placesFor([...entries.keys()], placesIn(map));
  deleteEntries(map, (key) => !entries.has(key));
  for (const [at, [key, value]] of [...entries].entries()) setEntry(map, key, { ...value, order: places[at] ?? at });
};

const pointEntries = (points: readonly Point[]): ReadonlyMap<string, object> =>
  new Map(points.map(({ pointId, name, kind }) => [pointId, { name, kind }]));

const categoryEntries = (categories: readonly CategoryInput[]): ReadonlyMap<string, object> =>
  new Map(
    categories.map(({ categoryId, name, sex, ageFrom, ageTo }) => [
      categoryId,
      { name, sex: sex ?? null, ageFrom: ageFrom ?? null, ageTo: ageTo ?? null },
    ]),
  );

const writeRace = (race: Y.Map<unknown>, patch: RacePatch): void => {
  if (patch.name !== undefined) setEntry(race, 'name', patch.name);
  if (patch.startAt !== undefined) setEntry(race, 'startAt', patch.startAt);
  if (patch.points !== undefined) putList(nestedMap(race, 'points'), pointEntries(patch.points));
  if (patch.categories !== undefined) putList(nestedMap(race, 'categories'), categoryEntries(patch.categories));
};

/** Creates a race under a fresh id, or changes the one that has it. */
export const putRace = (doc: Y.Doc, race: RaceInput): void => {
  doc.transact(() => {
    const { races } = setupRoots(doc);
    const known = races.has(race.raceId);
    const map = nestedMap(races, race.raceId);
    writeRace(map, known ? race : { startAt: null, points: [], categories: [], ...race });
  });
};

/** Changes some fields of a race; false when there is no such race. */
export const patchRace = (doc: Y.Doc, raceId: RaceId, patch: RacePatch): boolean => {
  const race = setupRoots(doc).races.get(raceId);
  if (!(race instanceof Y.Map)) return false;
  doc.transact(() => writeRace(race, patch));
  return true;
};

/** Takes away the mappings and hints of races that are removed. */
export const forgetRaces = (doc: Y.Doc, raceIds: ReadonlySet<unknown>): void => {
  const { epochRaces, forwarderRaces } = setupRoots(doc);
  deleteEntries(epochRaces, (_, mapped) => raceIds.has(mapped));
  deleteEntries(forwarderRaces, (_, hinted) => raceIds.has(hinted));
};

/** Removes a race with its mappings and hints; reads and participants stay. False when there is none. */
export const deleteRace = (doc: Y.Doc, raceId: RaceId): boolean => {
  const roots = setupRoots(doc);
  if (!roots.races.has(raceId)) return false;
  doc.transact(() => {
    removeEntry(roots.races, raceId);
    forgetRaces(doc, new Set([raceId]));
    noteSight(doc);
  });
  return true;
};

/** Maps an epoch to a race; null unmaps it. */
export const mapEpoch = (doc: Y.Doc, pair: Pair, raceId: RaceId | null): void => {
  doc.transact(() => putEntry(setupRoots(doc).epochRaces, pairKey(pair.streamId, pair.epoch), raceId));
};

export const nameEpoch = (doc: Y.Doc, pair: Pair, name: string | null): void => {
  doc.transact(() => putEntry(setupRoots(doc).epochNames, pairKey(pair.streamId, pair.epoch), name));
};

/**
 * Corrects the reader's clock for the reads of an epoch; 0 takes the correction away.
 *
 * @param offsetMs added to each time that the reader told: positive where its clock was slow
 */
export const correctClock = (doc: Y.Doc, pair: Pair, offsetMs: number): void => {
  const value = offsetMs === 0 ? null : ClockOffset.parse(offsetMs);
  doc.transact(() => putEntry(setupRoots(doc).epochOffsets, pairKey(pair.streamId, pair.epoch), value));
};

export const labelStream = (doc: Y.Doc, streamId: StreamId, label: string | null): void => {
  doc.transact(() => putEntry(setupRoots(doc).streamLabels, streamId, label));
};

/** Puts a stream at a timing point; null takes it away. */
export const placeStream = (doc: Y.Doc, streamId: StreamId, pointId: PointId | null): void => {
  doc.transact(() => putEntry(setupRoots(doc).streamPoints, streamId, pointId));
};

/** Removes what the setup says of a stream: label, point, mappings, names and clocks of its epochs. */
export const removeStream = (doc: Y.Doc, streamId: StreamId): void => {
  const roots = setupRoots(doc);
  const ofStream = (key: string): boolean => pairFromKey(key)?.streamId === streamId;
  doc.transact(() => {
    putEntry(roots.streamLabels, streamId, null);
    putEntry(roots.streamPoints, streamId, null);
    deleteEntries(roots.epochRaces, ofStream);
    deleteEntries(roots.epochNames, ofStream);
    deleteEntries(roots.epochOffsets, ofStream);
  });
};

/** Sets the hint "this forwarder stands at that race"; it maps nothing. */
export const setForwarderRace = (doc: Y.Doc, nodeId: NodeId, raceId: RaceId | null): void => {
  doc.transact(() => putEntry(setupRoots(doc).forwarderRaces, nodeId, raceId));
};

export const setRules = (doc: Y.Doc, patch: RulesPatch): void => {
  doc.transact(() => {
    const { rules } = setupRoots(doc);
    for (const [key, value] of Object.entries(patch)) if (value !== undefined) setEntry(rules, key, value);
  });
};

export const setWatch = (doc: Y.Doc, patch: WatchPatch): void => {
  doc.transact(() => {
    const { watch } = setupRoots(doc);
    for (const [key, value] of Object.entries(patch)) if (value !== undefined) setEntry(watch, key, value);
  });
};
