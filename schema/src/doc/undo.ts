import * as Y from 'yjs';
import { rewriteEntry } from './doc-entry.ts';
import { type Author, noteSight, stampEdit } from './edit-log.ts';
import { reviewRoots, rosterRoots, setupRoots } from './roots.ts';
import { forgetParticipants } from './roster-edit.ts';
import { forgetRaces } from './setup-edit.ts';
import { isWhole, type Place, placeOf, type SharedDoc, type Tracked } from './tracked.ts';
import { writesOf } from './writes.ts';

/** One edit that can be taken back, or put back. The same object for as long as it can. */
export interface UndoStep {
  /** The first few places that it changed. */
  readonly places: readonly Place[];
  readonly total: number;
}

/** Takes back one's own edits, and puts them back; what others have written over them meanwhile stays. */
export interface Undo {
  /** What `undo` takes back next; null: nothing. */
  readonly next: () => UndoStep | null;
  readonly nextRedo: () => UndoStep | null;
  readonly canUndo: () => boolean;
  readonly canRedo: () => boolean;
  /** Exactly one step. False when there was none, or others have written over all of it. */
  readonly undo: (author: Author) => boolean;
  readonly redo: (author: Author) => boolean;
  /** What was taken back cannot be put back any more: an edit was made elsewhere that comes after it. */
  readonly forgetRedo: () => void;
  /** After each change of what can be undone. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  readonly close: () => void;
}

const MAX_STEPS = 200;
const SHOWN_PLACES = 5;

/** With what was reviewed: a choice that is taken back leaves its conflict open again. */
const scopeOf = (doc: Y.Doc, kind: SharedDoc): Y.AbstractType<unknown>[] => [
  ...Object.values(kind === 'setup' ? setupRoots(doc) : rosterRoots(doc)),
  reviewRoots(doc).reviewed,
];

type StackItem = Y.UndoManager['undoStack'][number];

interface StackEvent {
  readonly stackItem: StackItem;
  readonly changedParentTypes: ReadonlyMap<unknown, readonly Y.YEvent<Y.AbstractType<unknown>>[]>;
}

/** Whole things first: a race that was added tells more than its name. */
const stepOf = (doc: Y.Doc, kind: SharedDoc, { changedParentTypes }: StackEvent): UndoStep => {
  const places: Place[] = [];
  let total = 0;
  for (const [type, events] of changedParentTypes) {
    if (!(type instanceof Y.Map) || placeOf(doc, kind, type, '') === null) continue;
    for (const event of events.filter((it) => it.target === type && it instanceof Y.YMapEvent)) {
      const keys = event instanceof Y.YMapEvent ? event.keysChanged : new Set<string>();
      total += keys.size;
      for (const key of [...keys].slice(0, SHOWN_PLACES)) places.push(placeOf(doc, kind, type, key) ?? []);
    }
  }
  return { places: places.sort((a, b) => a.length - b.length).slice(0, SHOWN_PLACES), total };
};

/** What is still in the document: a map goes with the one it stands in. */
const isThere = (map: Y.Map<unknown>): boolean => map._item === null || !map._item.deleted;

const isNumbered = (map: Y.Map<unknown>, key: string): boolean =>
  map.has(key) || writesOf(map, key).at(-1)?.value === null;

/** Entries that a transaction left absent though nobody has written that they are. */
function* bareRemovals(doc: Y.Doc, kind: SharedDoc, { changed }: Y.Transaction): Generator<Tracked> {
  for (const [map, keys] of [...changed]) {
    if (!(map instanceof Y.Map) || !isThere(map)) continue;
    for (const key of keys) {
      const place = key === null ? null : placeOf(doc, kind, map, key);
      if (key !== null && place !== null && !isNumbered(map, key)) yield { place, map, key };
    }
  }
}

/**
 * Undo takes away what was new with a bare delete, which has no number: nobody could tell that another changed it apart.
 * So it is removed like anything else, see `removeEntry`. Where a choice is taken back, the removal that it overruled
 * holds again, with what its author had seen.
 */
const numberRemovals = (doc: Y.Doc, kind: SharedDoc, transaction: Y.Transaction): void => {
  const { reviewed } = reviewRoots(doc);
  const ofChoice = [...transaction.changed.keys()].some((it) => it instanceof Y.Map && it === reviewed);
  const wholes = new Set<string>();
  for (const { place, map, key } of bareRemovals(doc, kind, transaction)) {
    if (isWhole(place) && ofChoice) continue;
    rewriteEntry(map, key, null);
    if (isWhole(place)) wholes.add(key);
  }
  if (wholes.size === 0) return;
  if (kind === 'setup') forgetRaces(doc, wholes);
  else forgetParticipants(doc, wholes);
  noteSight(doc);
};

/** The manager goes on to the next step where the newest had nothing to change; here that is one step, that did nothing. */
const popOne = (stack: StackItem[], pop: () => unknown): boolean => {
  const older = stack.splice(0, Math.max(0, stack.length - 1));
  const done = pop() !== null;
  stack.unshift(...older);
  return done;
};

/** Follows the edits made with `origin` from now on, each transaction as one step; the newest `maxSteps` can be undone. */
export const createUndo = (doc: Y.Doc, kind: SharedDoc, origin: unknown, maxSteps = MAX_STEPS): Undo => {
  const manager = new Y.UndoManager(scopeOf(doc, kind), { trackedOrigins: new Set([origin]), captureTimeout: 0 });
  const steps = new WeakMap<StackItem, UndoStep>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  /** As one transaction; the manager must think that it is at work until that has ended, to take all of it for its own. */
  const step = (kindOfStep: 'undo' | 'redo', author: Author): boolean => {
    const [stack, flag] =
      kindOfStep === 'undo' ? ([manager.undoStack, 'undoing'] as const) : ([manager.redoStack, 'redoing'] as const);
    let done = false;
    doc.transact((transaction) => {
      done = popOne(stack, () => manager[kindOfStep]());
      if (!done) return;
      manager[flag] = true;
      numberRemovals(doc, kind, transaction);
      stampEdit(doc, author, kindOfStep);
    }, manager);
    manager[flag] = false;
    tell();
    return done;
  };
  const last = (stack: readonly StackItem[]): UndoStep | null => {
    const item = stack.at(-1);
    return item === undefined ? null : (steps.get(item) ?? null);
  };
  manager.on('stack-item-added', (event: StackEvent) => {
    steps.set(event.stackItem, stepOf(doc, kind, event));
    if (manager.undoStack.length > maxSteps) manager.undoStack.shift();
    tell();
  });
  manager.on('stack-cleared', tell);
  return {
    next: () => last(manager.undoStack),
    nextRedo: () => last(manager.redoStack),
    canUndo: () => manager.canUndo(),
    canRedo: () => manager.canRedo(),
    undo: (author) => step('undo', author),
    redo: (author) => step('redo', author),
    forgetRedo: () => manager.clear(false, true),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => manager.destroy(),
  };
};
