import { readReceiver, writeSelection } from '@baton/schema/doc';
import { NOTHING_SELECTED, Selection, sameSelection } from '@baton/schema/selection';
import { batch, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { FollowedDoc } from '../platform/followed-doc.ts';
import type { KeyValue } from '../platform/key-value.ts';
import { EMPTY_DRAFT, type SelectionDraft, selectionOf, showSelection } from './selection-draft.ts';

/**
 * What this receiver wants. It is kept in three places that follow each other: on the device (to
 * begin with, also without a relay), in the receiver's document (where operators see and change it),
 * and in the running session, in whichever tab that is.
 */
export interface SelectionStore {
  readonly selection: ReadonlySignal<Selection>;
  readonly draft: ReadonlySignal<SelectionDraft>;
  /** Shows what was chosen, and selects it once it is whole. */
  readonly choose: (draft: SelectionDraft) => void;
  /** What was chosen in another tab. */
  readonly select: (selection: Selection) => void;
  /** What the session of another tab follows now: shown beside how far it is, however late the document comes. */
  readonly follow: (followed: Selection) => void;
  readonly close: () => void;
}

export interface SelectionDeps {
  readonly followed: FollowedDoc;
  readonly storage: KeyValue;
  /** One place per receiver: a browser may have been another one before. */
  readonly key: string;
}

const kept = (text: string | null): Selection => {
  try {
    return Selection.safeParse(JSON.parse(text ?? 'null')).data ?? NOTHING_SELECTED;
  } catch (error) {
    if (error instanceof SyntaxError) return NOTHING_SELECTED;
    throw error;
  }
};

export const createSelectionStore = ({ followed, storage, key }: SelectionDeps): SelectionStore => {
  const selection = signal<Selection>(kept(storage.get(key)));
  const draft = signal<SelectionDraft>(showSelection(EMPTY_DRAFT, selection.value));
  /** What the other tab's session was last known to follow. */
  let followedBefore = selection.value;

  const hold = (next: Selection): void => {
    if (sameSelection(selection.peek(), next)) return;
    storage.set(key, JSON.stringify(next));
    selection.value = next;
  };

  const show = (next: Selection): void => {
    batch(() => {
      if (!sameSelection(selection.peek(), next)) draft.value = showSelection(draft.peek(), next);
      hold(next);
    });
  };

  /** The document rules once it is here: it has every edit, those made elsewhere included. */
  const followDocument = (): void => {
    const read = readReceiver(followed.doc);
    if (read.stored) show(read.selection);
  };

  followed.doc.on('update', followDocument);
  /** A document that never had a selection learns the one kept on the device. */
  const stop = effect(() => {
    if (!followed.loaded.value || readReceiver(followed.doc).stored) return;
    const own = selection.peek();
    if (!sameSelection(own, NOTHING_SELECTED)) writeSelection(followed.doc, own);
  });

  return {
    selection,
    draft,
    choose: (next) => {
      draft.value = next;
      const chosen = selectionOf(next);
      if (chosen === null) return;
      hold(chosen);
      writeSelection(followed.doc, chosen);
    },
    select: (next) => {
      show(next);
      writeSelection(followed.doc, next);
    },
    /** What was chosen here, or told by the document, since the session last changed is newer than what it says. */
    follow: (next) => {
      const isNewer = !sameSelection(selection.peek(), followedBefore);
      if (!isNewer && !sameSelection(next, followedBefore)) show(next);
      followedBefore = next;
    },
    close: () => {
      stop();
      followed.doc.off('update', followDocument);
      followed.close();
    },
  };
};
