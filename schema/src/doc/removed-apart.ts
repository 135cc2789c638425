import * as Y from 'yjs';
import { deleteEntries } from './doc-entry.ts';
import type { EditLog, WriteId } from './edit-log.ts';
import { rosterRoots, setupRoots } from './roots.ts';
import { type Place, plainValue, raceEntries, raceMaps, type SharedDoc, splitFieldKey } from './tracked.ts';
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

const removalOf = (map: Y.Map<unknown>, key: string): Write | null => {
  if (map.has(key)) return null;
  const last = writesOf(map, key).at(-1);
  return last?.value === null ? last : null;
};

const removedRace = (doc: Y.Doc, log: EditLog, raceId: string): RemovedApart | null => {
  const { races, epochRaces } = setupRoots(doc);
  const removal = removalOf(races, raceId);
  const sight = removal === null ? undefined : log.sightOf(removal);
  const last = raceMaps(races, raceId).at(-1);
  if (removal === null || sight === undefined || last === undefined) return null;
  const unseen = unseenBy(sight);
  const inside = [...raceEntries(raceId, last)].flatMap(({ map, key }) => unseen(writesOf(map, key)));
  const mapped = writtenKeys(epochRaces)
    .filter((key) => epochRaces.get(key) === raceId)
    .flatMap((key) => unseen(writesOf(epochRaces, key)).slice(-1));
  const changes = [...inside, ...mapped];
  return changes.length === 0 ? null : { place: ['races', raceId], removal, unseen: changes, value: plainValue(last) };
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
  const removal = removalOf(participants, participantId);
  const sight = removal === null ? undefined : log.sightOf(removal);
  if (removal === null || sight === undefined) return null;
  const unseen = unseenBy(sight);
  const fields = fieldKeys.map((key) => ({ key, writes: writesOf(participantFields, key) }));
  const changes = [...fields.flatMap(({ writes }) => unseen(writes)), ...unseen(writesOf(corrections, participantId))];
  if (changes.length === 0) return null;
  const record = writesOf(participants, participantId).findLast(({ value }) => isRecord(value))?.value;
  const changed = fields.flatMap(({ key, writes }) => {
    const last = writes.findLast(({ value }) => value !== null && value !== undefined);
    return last === undefined ? [] : [[splitFieldKey(key)[0], last.value] as const];
  });
  const value = { ...(isRecord(record) ? record : {}), ...Object.fromEntries(changed) };
  return { place: ['participants', participantId], removal, unseen: changes, value };
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
