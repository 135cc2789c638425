import {
  type Conflict,
  canTakeBack,
  chooseVersion,
  type Edit,
  findConflicts,
  participantAt,
  readHistory,
  readSetup,
  takeBack,
} from '@baton/schema/doc';
import type { Timers } from '@baton/schema/ports';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { EditedDoc } from '../edited-doc.ts';
import { createNames, type Names } from './names.ts';
import { whenSettled } from './settled.ts';

/** A conflict that nobody has decided, and the document it is in. */
export interface OpenConflict {
  readonly edited: EditedDoc;
  readonly conflict: Conflict;
}

/** An edit of the history, and the document that it changed. */
export interface PastEdit {
  readonly edited: EditedDoc;
  readonly edit: Edit;
  readonly canTakeBack: boolean;
}

/** Who changed what, and what two people changed apart: over all documents of the event. */
export interface ReviewStore {
  readonly conflicts: ReadonlySignal<readonly OpenConflict[]>;
  /** Newest first; null until somebody looks. */
  readonly history: ReadonlySignal<readonly PastEdit[] | null>;
  /** What ids were called when these were read. */
  readonly names: ReadonlySignal<Names>;
  /** The history is read while somebody looks at it. Returns the way to stop. */
  readonly watchHistory: () => () => void;
  /** False when it was decided, or its place is gone, meanwhile. */
  readonly choose: (open: OpenConflict, choice: 'kept' | 'other') => boolean;
  /** Sets back what an edit changed; returns how many entries, 0 when all have been changed since. */
  readonly takeBack: (past: PastEdit) => number;
  readonly close: () => void;
}

/** Reading a roster of 55,000 for conflicts takes some 20 ms, for history some 200 ms: not after each key. */
const IDLE_MS = 300;
const MAX_MS = 2000;

const newestFirst = (a: PastEdit, b: PastEdit): number => (b.edit.author?.at ?? 0) - (a.edit.author?.at ?? 0);

export const createReviewStore = (timers: Timers, docs: readonly EditedDoc[]): ReviewStore => {
  const conflicts = signal<readonly OpenConflict[]>([]);
  const history = signal<readonly PastEdit[] | null>(null);
  const names = signal<Names>(createNames());
  let watchers = 0;

  const readNames = (): Names => {
    const setup = docs.find(({ kind }) => kind === 'setup')?.followed.doc;
    const roster = docs.find(({ kind }) => kind === 'roster')?.followed.doc;
    return createNames(setup === undefined ? undefined : readSetup(setup).setup, (id) =>
      roster === undefined ? null : participantAt(roster, id),
    );
  };

  const readAll = (): void =>
    batch(() => {
      names.value = readNames();
      conflicts.value = docs.flatMap((edited) =>
        findConflicts(edited.followed.doc, edited.kind).map((conflict) => ({ edited, conflict })),
      );
      if (watchers === 0) return;
      history.value = docs
        .flatMap((edited) =>
          readHistory(edited.followed.doc, edited.kind).map((edit) => ({
            edited,
            edit,
            canTakeBack: canTakeBack(edit),
          })),
        )
        .sort(newestFirst);
    });

  const settled = whenSettled(timers, IDLE_MS, MAX_MS, readAll);
  for (const { followed } of docs) followed.doc.on('update', settled.touch);
  readAll();

  return {
    conflicts,
    history,
    names,
    watchHistory: () => {
      watchers++;
      if (watchers === 1) readAll();
      return () => {
        watchers--;
        if (watchers === 0) history.value = null;
      };
    },
    choose: ({ edited: { followed, kind, sign, origin }, conflict }, choice) => {
      const isOpen = findConflicts(followed.doc, kind).some((it) => it.id === conflict.id);
      const done = isOpen && chooseVersion(followed.doc, kind, sign(), conflict, choice, origin);
      readAll();
      return done;
    },
    takeBack: ({ edited: { followed, kind, sign, origin }, edit }) => {
      const taken = takeBack(followed.doc, kind, sign(), edit, origin);
      readAll();
      return taken;
    },
    close: () => {
      settled.stop();
      for (const { followed } of docs) followed.doc.off('update', settled.touch);
    },
  };
};
