import type * as Y from 'yjs';
import { rewriteEntry, sameJson } from './doc-entry.ts';
import { type Author, editAs } from './edit-log.ts';
import type { Change, Edit } from './history.ts';
import { restore } from './removed-apart.ts';
import { entryAt, isWhole, plainValue, type SharedDoc } from './tracked.ts';

/** Races and participants are removed where they are shown, with what hangs on them. */
const isAddition = ({ place, after }: Change): boolean => isWhole(place) && after !== null;

/** Whether all that an edit changed is known, and nothing of it is a race or a participant that was new. */
export const canTakeBack = ({ changes, total }: Edit): boolean =>
  total > 0 && changes.length === total && changes.every((it) => it.before !== undefined && !isAddition(it));

const setBack = (doc: Y.Doc, kind: SharedDoc, { place, before, after }: Change): boolean => {
  const entry = entryAt(doc, kind, place);
  if (entry === null) return false;
  const { map, key } = entry;
  const now = map.has(key) ? plainValue(map.get(key)) : null;
  if (!sameJson(now, after) || sameJson(now, before)) return false;
  if (!restore(doc, kind, place, before)) rewriteEntry(map, key, before);
  return true;
};

/**
 * Sets what an edit changed back to what it was, as a new edit, whoever made it. What has been changed since stays.
 * Returns how many entries were set back.
 */
export const takeBack = (doc: Y.Doc, kind: SharedDoc, author: Author, edit: Edit, origin?: unknown): number => {
  let taken = 0;
  const change = (): void => {
    for (const it of edit.changes) if (setBack(doc, kind, it)) taken++;
  };
  if (canTakeBack(edit)) editAs(doc, author, change, { kind: 'undo', origin });
  return taken;
};
