import * as Y from 'yjs';
import { type Author, type EditKind, stampEdit } from './edit-log.ts';
import { rosterRoots, setupRoots } from './roots.ts';
import type { SharedDoc } from './tracked.ts';

/** Takes back one's own edits, and puts them back; what others have written over them meanwhile stays. */
export interface Undo {
  readonly canUndo: () => boolean;
  readonly canRedo: () => boolean;
  /** False when there was nothing to take back, or others have written over all of it. */
  readonly undo: (author: Author) => boolean;
  readonly redo: (author: Author) => boolean;
  /** After each change of what can be undone. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => void;
}

const scopeOf = (doc: Y.Doc, kind: SharedDoc): Y.AbstractType<unknown>[] =>
  Object.values(kind === 'setup' ? setupRoots(doc) : rosterRoots(doc));

/** Follows the edits made with `origin` from now on, each transaction as one step; the newest `maxSteps` can be undone. */
export const createUndo = (doc: Y.Doc, kind: SharedDoc, origin: unknown, maxSteps = MAX_STEPS): Undo => {
  const manager = new Y.UndoManager(scopeOf(doc, kind), { trackedOrigins: new Set([origin]), captureTimeout: 0 });
  const signed = (step: () => unknown, author: Author, kindOfEdit: EditKind): boolean => {
    const done = step() !== null;
    if (done) doc.transact(() => stampEdit(doc, author, kindOfEdit));
    return done;
  };
  const listeners = new Set<() => void>();
  const tell = (): void => {
    if (manager.undoStack.length > maxSteps) manager.undoStack.shift();
    for (const listener of listeners) listener();
  };
  for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) manager.on(event, tell);
  return {
    canUndo: () => manager.canUndo(),
    canRedo: () => manager.canRedo(),
    undo: (author) => signed(() => manager.undo(), author, 'undo'),
    redo: (author) => signed(() => manager.redo(), author, 'redo'),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => manager.destroy(),
  };
};

const MAX_STEPS = 200;
