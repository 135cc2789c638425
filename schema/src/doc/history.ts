import type * as Y from 'yjs';
import { type Author, type EditKind, type EditLog, readEditLog, type Stamp } from './edit-log.ts';
import { type Place, plainValue, type SharedDoc, trackedEntries } from './tracked.ts';
import { type Write, writeName, writesOf } from './writes.ts';

/** One entry before and after; null: there was none, undefined: no longer kept by anybody. */
export interface Change {
  readonly place: Place;
  readonly before: unknown;
  readonly after: unknown;
}

/** What one person changed at once. */
export interface Edit {
  readonly id: string;
  /** Null: made by a program that signs nothing. */
  readonly author: Author | null;
  readonly kind: EditKind;
  /** The first ones. */
  readonly changes: readonly Change[];
  readonly total: number;
}

export interface HistoryLimits {
  readonly edits: number;
  readonly changesPerEdit: number;
}

export const HISTORY_LIMITS: HistoryLimits = { edits: 500, changesPerEdit: 50 };

interface Draft {
  readonly id: string;
  readonly stamp: Stamp | undefined;
  readonly changes: Change[];
  total: number;
}

const valueAt = (writes: readonly Write[], at: number | null): unknown =>
  at === null ? null : plainValue(writes[at]?.value);

/** An undo of something new only takes it away: it has a stamp and no writes. */
const draftsFrom = (log: EditLog): Map<string, Draft> =>
  new Map(
    log.stamps
      .filter((stamp) => stamp.kind === 'undo' || stamp.kind === 'redo')
      .map((stamp) => [writeName(stamp), { id: writeName(stamp), stamp, changes: [], total: 0 }]),
  );

const draftFor = (drafts: Map<string, Draft>, log: EditLog, write: Write): Draft => {
  const stamp = log.stampOf(write);
  const id = stamp === undefined ? `unsigned:${write.client}` : writeName(stamp);
  const draft = drafts.get(id) ?? { id, stamp, changes: [], total: 0 };
  drafts.set(id, draft);
  return draft;
};

const newestFirst = (a: Draft, b: Draft): number =>
  (b.stamp?.at ?? 0) - (a.stamp?.at ?? 0) || (b.stamp?.clock ?? 0) - (a.stamp?.clock ?? 0) || (a.id < b.id ? -1 : 1);

const editOf = ({ id, stamp, changes, total }: Draft): Edit => ({
  id,
  author: stamp === undefined ? null : { name: stamp.name, at: stamp.at },
  kind: stamp?.kind ?? 'edit',
  changes,
  total,
});

/** Who changed what, newest first. Reads the whole document: for a page that shows it, not for each change. */
export const readHistory = (doc: Y.Doc, kind: SharedDoc, limits: HistoryLimits = HISTORY_LIMITS): readonly Edit[] => {
  const log = readEditLog(doc);
  const drafts = draftsFrom(log);
  for (const { place, map, key } of trackedEntries(doc, kind)) {
    const writes = writesOf(map, key);
    for (const write of writes) {
      const draft = draftFor(drafts, log, write);
      draft.total++;
      if (draft.changes.length >= limits.changesPerEdit) continue;
      draft.changes.push({ place, before: valueAt(writes, write.after), after: plainValue(write.value) });
    }
  }
  return [...drafts.values()].sort(newestFirst).slice(0, limits.edits).map(editOf);
};
