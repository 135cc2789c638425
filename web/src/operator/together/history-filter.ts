import type { EditKind } from '@baton/schema/doc';
import { authorText } from './conflict-words.ts';
import { type EditWords, editWords } from './edit-words.ts';
import { joinSteps } from './join-steps.ts';
import { type Names, withGone } from './names.ts';
import type { PastEdit } from './review-store.ts';

/** An edit as the page tells it. */
export interface HistoryRow extends PastEdit {
  readonly key: string;
  readonly by: string;
  readonly words: EditWords;
}

export interface HistoryFilter {
  /** As `by` says it; null: everybody. */
  readonly by: string | null;
  readonly kind: EditKind | null;
  /** Found in the words, whatever the case. */
  readonly text: string;
}

export const NO_FILTER: HistoryFilter = { by: null, kind: null, text: '' };

export const historyRows = (edits: readonly PastEdit[], names: Names): readonly HistoryRow[] => {
  const known = withGone(
    names,
    edits.flatMap(({ edit }) => edit.changes),
  );
  return joinSteps(edits).map((past) => ({
    ...past,
    key: `${past.edited.kind} ${past.edit.id}`,
    by: authorText(past.edit.author),
    words: editWords(past.edit, known),
  }));
};

/** Everybody who is in the history, once. */
export const authorsIn = (rows: readonly HistoryRow[]): readonly string[] =>
  [...new Set(rows.map((it) => it.by))].sort((a, b) => a.localeCompare(b));

export const filterRows = (rows: readonly HistoryRow[], { by, kind, text }: HistoryFilter): readonly HistoryRow[] => {
  const wanted = text.trim().toLowerCase();
  return rows.filter((row) => {
    if (by !== null && row.by !== by) return false;
    if (kind !== null && row.edit.kind !== kind) return false;
    return wanted === '' || [row.words.head, ...row.words.lines].some((line) => line.toLowerCase().includes(wanted));
  });
};
