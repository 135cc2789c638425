import * as Y from 'yjs';
import { rewriteEntry, sameJson } from './doc-entry.ts';
import { type Author, type EditLog, editAs, readEditLog, type WriteId } from './edit-log.ts';
import { type LostChange, lostChanges, removedApart, restore } from './removed-apart.ts';
import { reviewRoots } from './roots.ts';
import { entryAt, forkedEntries, type Place, plainValue, type SharedDoc, type Tracked } from './tracked.ts';
import { isAbsent, overruled, type Write, writeName, writesOf } from './writes.ts';

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

/** Changes of a race that was removed and put back without them: one conflict for each entry, with the last of them. */
const lostConflicts = (doc: Y.Doc, log: EditLog, isReviewed: (write: WriteId) => boolean): readonly Conflict[] => {
  const byPlace = new Map<string, LostChange[]>();
  for (const lost of lostChanges(doc, log)) {
    const key = JSON.stringify(lost.place);
    if (!isReviewed(lost.write)) byPlace.set(key, [...(byPlace.get(key) ?? []), lost]);
  }
  return [...byPlace.values()].flatMap((lost) => {
    const last = lost.at(-1);
    const entry = last === undefined ? null : entryAt(doc, 'setup', last.place);
    if (last === undefined || entry === null) return [];
    const value = entry.map.get(entry.key) ?? null;
    const other = plainValue(last.write.value);
    if (sameJson(value, other)) return [];
    return [
      {
        id: writeName(last.write),
        place: last.place,
        kept: { value, author: authorOf(log, writesOf(entry.map, entry.key).at(-1)) },
        other: { value: other, author: authorOf(log, last.write) },
        settles: lost.map(({ write }) => writeName(write)),
      },
    ];
  });
};

/** Not in a race or of a participant that is gone, or was there before. */
const isLive = (doc: Y.Doc, kind: SharedDoc, { place, map }: Tracked): boolean =>
  entryAt(doc, kind, place)?.map === map;

/** Every conflict that nobody has decided yet, in the order of their places. */
export const findConflicts = (doc: Y.Doc, kind: SharedDoc): readonly Conflict[] => {
  const log = readEditLog(doc);
  const { reviewed } = reviewRoots(doc);
  const isReviewed = (write: WriteId): boolean => reviewed.has(writeName(write));
  const conflicts: Conflict[] = [];
  for (const tracked of forkedEntries(doc, kind)) {
    if (isLive(doc, kind, tracked)) conflicts.push(...conflictsAt(tracked, log, isReviewed));
  }
  if (kind === 'setup') conflicts.push(...lostConflicts(doc, log, isReviewed));
  return [...conflicts, ...removalConflicts(doc, kind, log, isReviewed)];
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
  const entry = entryAt(doc, kind, conflict.place);
  if (value === undefined || entry === null) return false;
  const change = (): void => {
    for (const settled of conflict.settles) reviewRoots(doc).reviewed.set(settled, true);
    if (!restore(doc, kind, conflict.place, value)) rewriteEntry(entry.map, entry.key, value);
  };
  editAs(doc, author, change, { kind: 'choice', origin });
  return true;
};
