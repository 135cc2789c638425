import * as Y from 'yjs';
import { sameJson } from './doc-entry.ts';
import { type Author, type EditLog, editAs, readEditLog, type WriteId } from './edit-log.ts';
import { removedApart, restore } from './removed-apart.ts';
import { reviewRoots, rosterRoots, setupRoots } from './roots.ts';
import { type Place, plainValue, type SharedDoc, type Tracked, trackedEntries } from './tracked.ts';
import { hasPast, isAbsent, overruled, type Write, writeName, writesOf } from './writes.ts';

/** One side of a conflict. */
export interface Version {
  /** Plain JSON; null: removed. Undefined: no peer keeps it any more. */
  readonly value: unknown;
  /** Null: made by a program that signs nothing. */
  readonly author: Author | null;
}

/**
 * Two people changed one entry apart from each other. The merge has kept one of both by Yjs's rule, the same everywhere;
 * both stand here until somebody has chosen.
 */
export interface Conflict {
  readonly id: string;
  readonly place: Place;
  readonly kept: Version;
  readonly other: Version;
  /** The writes that are settled by a choice. */
  readonly settles: readonly string[];
}

const authorOf = (log: EditLog, write: WriteId | undefined): Author | null => {
  const stamp = write === undefined ? undefined : log.stampOf(write);
  return stamp === undefined ? null : { name: stamp.name, at: stamp.at };
};

/** The write from which a line of writes and the one that counts went separate ways. */
const forkOf = (writes: readonly Write[], loser: Write): Write | undefined => {
  const kept = new Set<number>();
  for (let at: number | null = writes.length - 1; at !== null; at = writes[at]?.after ?? null) kept.add(at);
  let at = loser.after;
  while (at !== null && !kept.has(at)) at = writes[at]?.after ?? null;
  return at === null ? undefined : writes[at];
};

/** A line of several writes that ends where it began has nothing to say; a single write of the same value is a choice. */
const isOpen = (writes: readonly Write[], loser: Write, keptValue: unknown): boolean => {
  if (sameJson(loser.value, keptValue)) return false;
  const fork = forkOf(writes, loser);
  return loser.after === (fork?.at ?? null) || !sameJson(loser.value, fork?.value ?? null);
};

const conflictsAt = (
  { place, map, key }: Tracked,
  log: EditLog,
  isReviewed: (write: Write) => boolean,
): readonly Conflict[] => {
  if (!hasPast(map, key)) return [];
  const writes = writesOf(map, key);
  const keptValue = isAbsent(map, key) ? null : map.get(key);
  if (keptValue instanceof Y.Map) return [];
  const losers = overruled(writes).filter((write) => !isReviewed(write) && isOpen(writes, write, keptValue));
  const settles = losers.map(writeName);
  const kept = { value: keptValue, author: authorOf(log, writes.at(-1)) };
  return losers.map((loser) => ({
    id: writeName(loser),
    place,
    kept,
    other: { value: plainValue(loser.value), author: authorOf(log, loser) },
    settles,
  }));
};

/** Races and participants whose removal and whose change passed each other. */
const removalConflicts = (
  doc: Y.Doc,
  kind: SharedDoc,
  log: EditLog,
  isReviewed: (write: WriteId) => boolean,
): readonly Conflict[] =>
  removedApart(doc, kind, log).flatMap(({ place, removal, unseen, value }) => {
    const open = unseen.filter((write) => !isReviewed(write));
    const last = open.at(-1);
    if (last === undefined) return [];
    return [
      {
        id: writeName(last),
        place,
        kept: { value: null, author: authorOf(log, removal) },
        other: { value, author: authorOf(log, last) },
        settles: open.map(writeName),
      },
    ];
  });

const isLive = (doc: Y.Doc, kind: SharedDoc, { place, map }: Tracked): boolean => {
  if (kind === 'setup') {
    const [root, raceId] = place;
    if (root !== 'races' || place.length === 2 || raceId === undefined) return true;
    const race = setupRoots(doc).races.get(raceId);
    return race === map || (race instanceof Y.Map && race.get(place[2] ?? '') === map);
  }
  const { participants, participantFields } = rosterRoots(doc);
  return map !== participantFields || participants.has(place[1] ?? '');
};

/** Every conflict that nobody has decided yet, in the order of their places. */
export const findConflicts = (doc: Y.Doc, kind: SharedDoc): readonly Conflict[] => {
  const log = readEditLog(doc);
  const { reviewed } = reviewRoots(doc);
  const isReviewed = (write: WriteId): boolean => reviewed.has(writeName(write));
  const conflicts: Conflict[] = [];
  for (const tracked of trackedEntries(doc, kind)) {
    if (isLive(doc, kind, tracked)) conflicts.push(...conflictsAt(tracked, log, isReviewed));
  }
  return [...conflicts, ...removalConflicts(doc, kind, log, isReviewed)];
};

const findTracked = (doc: Y.Doc, kind: SharedDoc, place: Place): Tracked | null => {
  for (const tracked of trackedEntries(doc, kind)) {
    const same = tracked.place.length === place.length && tracked.place.every((part, at) => part === place[at]);
    if (same && isLive(doc, kind, tracked)) return tracked;
  }
  return null;
};

/** Written even where the value stays: two people who choose differently, apart, have a conflict again. */
const write = ({ map, key }: Tracked, value: unknown): void => {
  map.set(key, value);
  if (value === null) map.delete(key);
};

/**
 * Decides a conflict: the chosen value stands from now on, and the conflict is settled. False when the other value is
 * gone or the entry's place no longer exists.
 */
export const chooseVersion = (
  doc: Y.Doc,
  kind: SharedDoc,
  author: Author,
  conflict: Conflict,
  choice: 'kept' | 'other',
  origin?: unknown,
): boolean => {
  const { value } = conflict[choice];
  const tracked = findTracked(doc, kind, conflict.place);
  if (value === undefined || tracked === null) return false;
  const change = (): void => {
    for (const settled of conflict.settles) reviewRoots(doc).reviewed.set(settled, true);
    if (!restore(doc, kind, conflict.place, value)) write(tracked, value);
  };
  editAs(doc, author, change, { kind: 'choice', origin });
  return true;
};
