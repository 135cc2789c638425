import * as Y from 'yjs';
import { deleteEntries } from './doc-entry.ts';
import type { EditLog, WriteId } from './edit-log.ts';
import { rosterRoots, setupRoots } from './roots.ts';
import { type Place, plainValue, raceEntries, type SharedDoc, splitFieldKey } from './tracked.ts';
import { type Write, writesOf, writtenKeys } from './writes.ts';

/**
 * Things with parts, removed by one while another changed a part apart from it. Yjs merges that without a trace: the
 * parts go with the whole. The note that a removal leaves (`noteSight`) tells which changes its author had not seen.
 */
export interface RemovedApart {
  readonly place: Place;
  readonly removal: WriteId;
  /** Oldest first. */
  readonly unseen: readonly Write[];
  /** The whole, with the changes. */
  readonly value: unknown;
}

type Unseen = (writes: readonly Write[]) => readonly Write[];

/** What a remover had not seen; removals themselves, the remover's own among them, are no changes to be kept. */
const unseenBy =
  (sight: ReadonlyMap<number, number>): Unseen =>
  (writes) =>
    writes.filter(({ client, clock, value }) => value !== null && clock >= (sight.get(client) ?? 0));

interface Removal {
  readonly removal: Write;
  /** What was there, oldest first. */
  readonly before: readonly Write[];
}

/** The removal that holds: whatever was written after it has been taken back, which leaves no write of its own. */
const removalOf = (map: Y.Map<unknown>, key: string): Removal | null => {
  if (map.has(key)) return null;
  const writes = writesOf(map, key);
  const removal = writes.findLast(({ value }) => value === null);
  return removal === undefined ? null : { removal, before: writes.slice(0, removal.at) };
};

/** A change of a race's part, made apart from the removal that took the race along. */
export interface LostChange {
  readonly place: Place;
  readonly write: Write;
}

interface LostState {
  readonly removal: Write;
  readonly race: Y.Map<unknown>;
  readonly changes: readonly LostChange[];
}

/** Each state of a race that is gone, with what its remover had not seen; the race itself may have come back since. */
const lostStates = (races: Y.Map<unknown>, log: EditLog, raceId: string): readonly LostState[] => {
  const writes = writesOf(races, raceId);
  return writes.flatMap(({ at, value: race }) => {
    if (!(race instanceof Y.Map) || race === races.get(raceId)) return [];
    const removal = writes.find((it) => it.at > at && it.value === null);
    const sight = removal === undefined ? undefined : log.sightOf(removal);
    if (removal === undefined || sight === undefined) return [];
    const changes = [...raceEntries(raceId, race)].flatMap(({ place, map, key }) =>
      unseenBy(sight)(writesOf(map, key)).map((write) => ({ place, write })),
    );
    return [{ removal, race, changes }];
  });
};

/** Changes of a race that was removed and put back meanwhile: Yjs puts a copy there, without them. */
export const lostChanges = (doc: Y.Doc, log: EditLog): readonly LostChange[] => {
  const { races } = setupRoots(doc);
  return writtenKeys(races)
    .filter((raceId) => races.has(raceId))
    .flatMap((raceId) => lostStates(races, log, raceId).flatMap(({ changes }) => changes));
};

const removedRace = (doc: Y.Doc, log: EditLog, raceId: string): RemovedApart | null => {
  const { races, epochRaces } = setupRoots(doc);
  if (races.has(raceId)) return null;
  const states = lostStates(races, log, raceId);
  const last = states.findLast(({ changes }) => changes.length > 0) ?? states.at(-1);
  const sight = last === undefined ? undefined : log.sightOf(last.removal);
  if (last === undefined || sight === undefined) return null;
  const mapped = writtenKeys(epochRaces)
    .filter((key) => epochRaces.get(key) === raceId)
    .flatMap((key) => unseenBy(sight)(writesOf(epochRaces, key)).slice(-1));
  const unseen = [...states.flatMap(({ changes }) => changes.map(({ write }) => write)), ...mapped];
  if (unseen.length === 0) return null;
  return { place: ['races', raceId], removal: last.removal, unseen, value: plainValue(last.race) };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const removedParticipant = (
  doc: Y.Doc,
  log: EditLog,
  participantId: string,
  fieldKeys: readonly string[],
): RemovedApart | null => {
  const { participants, participantFields, corrections } = rosterRoots(doc);
  const removed = removalOf(participants, participantId);
  const sight = removed === null ? undefined : log.sightOf(removed.removal);
  if (removed === null || sight === undefined) return null;
  const unseen = unseenBy(sight);
  const fields = fieldKeys.map((key) => ({ key, writes: writesOf(participantFields, key) }));
  const changes = [...fields.flatMap(({ writes }) => unseen(writes)), ...unseen(writesOf(corrections, participantId))];
  if (changes.length === 0) return null;
  const record = removed.before.findLast(({ value }) => isRecord(value))?.value;
  const changed = fields.flatMap(({ key, writes }) => {
    const last = writes.findLast(({ value }) => value !== null && value !== undefined);
    return last === undefined ? [] : [[splitFieldKey(key)[0], last.value] as const];
  });
  const value = { ...(isRecord(record) ? record : {}), ...Object.fromEntries(changed) };
  return { place: ['participants', participantId], removal: removed.removal, unseen: changes, value };
};

/** Keys of changed fields, and participants with corrections, by participant: only these can have been changed apart. */
const changedParticipants = (doc: Y.Doc): ReadonlyMap<string, readonly string[]> => {
  const { participants, participantFields, corrections } = rosterRoots(doc);
  const keys = new Map<string, string[]>();
  const add = (participantId: string, key: readonly string[]): void => {
    if (!participants.has(participantId)) keys.set(participantId, [...(keys.get(participantId) ?? []), ...key]);
  };
  for (const key of writtenKeys(participantFields)) add(splitFieldKey(key)[1], [key]);
  for (const participantId of writtenKeys(corrections)) add(participantId, []);
  return keys;
};

export const removedApart = (doc: Y.Doc, kind: SharedDoc, log: EditLog): readonly RemovedApart[] => {
  const found =
    kind === 'setup'
      ? writtenKeys(setupRoots(doc).races).map((raceId) => removedRace(doc, log, raceId))
      : [...changedParticipants(doc)].map(([id, keys]) => removedParticipant(doc, log, id, keys));
  return found.filter((it) => it !== null);
};

const toMap = (value: object): Y.Map<unknown> =>
  new Y.Map(
    Object.entries(value).map(([key, field]) => [
      key,
      (key === 'points' || key === 'categories') && isRecord(field) ? new Y.Map(Object.entries(field)) : field,
    ]),
  );

/** A race that is there is no removed one. */
const restoreRace = (doc: Y.Doc, raceId: string, value: unknown): boolean => {
  const { races, epochRaces } = setupRoots(doc);
  if (races.has(raceId)) return false;
  if (isRecord(value)) races.set(raceId, toMap(value));
  else deleteEntries(epochRaces, (_, mapped) => mapped === raceId);
  return true;
};

const restoreParticipant = (doc: Y.Doc, participantId: string, value: unknown): boolean => {
  const { participants, participantFields } = rosterRoots(doc);
  if (participants.has(participantId)) return false;
  deleteEntries(participantFields, (key) => splitFieldKey(key)[1] === participantId);
  if (isRecord(value)) participants.set(participantId, value);
  return true;
};

/**
 * Puts a removed race or participant back as a whole, or, for null, takes away what still hangs on it. False when the
 * place is another's, or nothing is removed there.
 */
export const restore = (doc: Y.Doc, kind: SharedDoc, [root, id, ...more]: Place, value: unknown): boolean => {
  if (id === undefined || more.length > 0) return false;
  if (kind === 'setup') return root === 'races' && restoreRace(doc, id, value);
  return root === 'participants' && restoreParticipant(doc, id, value);
};
