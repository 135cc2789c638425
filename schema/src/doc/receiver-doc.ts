import type * as Y from 'yjs';
import { NOTHING_SELECTED, Selection } from '../selection/selection.ts';
import { type DocProblem, firstIssue, problemAt, setEntry } from './doc-entry.ts';
import { receiverRoots } from './roots.ts';

const KEY = 'selection';

export interface SelectionRead {
  readonly selection: Selection;
  /** Whether a selection is stored that parses. */
  readonly stored: boolean;
  readonly problems: readonly DocProblem[];
}

/** The stored selection with what was wrong with it; nothing stored means nothing selected. */
export const readReceiver = (doc: Y.Doc): SelectionRead => {
  const value = receiverRoots(doc).receiver.get(KEY);
  if (value === undefined) return { selection: NOTHING_SELECTED, stored: false, problems: [] };
  const parsed = Selection.safeParse(value);
  if (parsed.success) return { selection: parsed.data, stored: true, problems: [] };
  return {
    selection: NOTHING_SELECTED,
    stored: false,
    problems: [problemAt('receiver', KEY, firstIssue(parsed.error))],
  };
};

export const readSelection = (doc: Y.Doc): Selection => readReceiver(doc).selection;

export const writeSelection = (doc: Y.Doc, selection: Selection): void => {
  doc.transact(() => setEntry(receiverRoots(doc).receiver, KEY, selection));
};
