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
  /** How many of all were of which kind: of a root, or of parts of its things (`races/`). */
  readonly tally: ReadonlyMap<string, number>;
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
  readonly tally: Map<string, number>;
  total: number;
}

const valueAt = (writes: readonly Write[], at: number | null): unknown =>
  at === null ? null : plainValue(writes[at]?.value);

/** What belongs to a stamp, or to a client that leaves none. */
type Drafts = Map<Stamp | number, Draft>;

const begin = (drafts: Drafts, key: Stamp | number): Draft => {
  const [id, stamp] = typeof key === 'number' ? [`unsigned:${key}`, undefined] : [writeName(key), key];
  const draft: Draft = { id, stamp, changes: [], tally: new Map(), total: 0 };
  drafts.set(key, draft);
  return draft;
};

/** An undo of something new only takes it away: it has a stamp and no writes. */
const draftsFrom = (log: EditLog): Drafts => {
  const drafts: Drafts = new Map();
  for (const stamp of log.stamps) if (stamp.kind === 'undo' || stamp.kind === 'redo') begin(drafts, stamp);
  return drafts;
};

const draftFor = (drafts: Drafts, log: EditLog, write: Write): Draft => {
  const key = log.stampOf(write) ?? write.client;
  return drafts.get(key) ?? begin(drafts, key);
};

const newestFirst = (a: Draft, b: Draft): number =>
  (b.stamp?.at ?? 0) - (a.stamp?.at ?? 0) || (b.stamp?.clock ?? 0) - (a.stamp?.clock ?? 0) || (a.id < b.id ? -1 : 1);

const editOf = ({ id, stamp, changes, tally, total }: Draft): Edit => ({
  id,
  author: stamp === undefined ? null : { name: stamp.name, at: stamp.at },
  kind: stamp?.kind ?? 'edit',
  changes,
  total,
  tally,
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
      const group = place.length > 2 ? `${place[0]}/` : (place[0] ?? '');
      draft.tally.set(group, (draft.tally.get(group) ?? 0) + 1);
      if (draft.changes.length >= limits.changesPerEdit) continue;
      draft.changes.push({ place, before: valueAt(writes, write.after), after: plainValue(write.value) });
    }
  }
  return [...drafts.values()].sort(newestFirst).slice(0, limits.edits).map(editOf);
};
