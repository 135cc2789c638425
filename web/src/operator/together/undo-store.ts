import type { UndoStep } from '@baton/schema/doc';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { EditedDoc } from '../edited-doc.ts';

/** What came of taking a step back or putting it back. */
export type StepOutcome =
  | { readonly type: 'done'; readonly step: UndoStep }
  /** Others have written over all of it since. */
  | { readonly type: 'overtaken'; readonly step: UndoStep }
  | { readonly type: 'nothing' };

/** Undo and redo over all documents of the event, in the order in which the steps were made. */
export interface UndoStore {
  /** What `undo` takes back next; null: nothing. */
  readonly next: ReadonlySignal<UndoStep | null>;
  readonly nextRedo: ReadonlySignal<UndoStep | null>;
  readonly undo: () => StepOutcome;
  readonly redo: () => StepOutcome;
  readonly close: () => void;
}

interface Ranked {
  readonly edited: EditedDoc;
  readonly step: UndoStep;
  readonly rank: number;
}

/** Each document keeps its own steps; a step is ranked when it is first seen, and every change of any is seen at once. */
export const createUndoStore = (docs: readonly EditedDoc[]): UndoStore => {
  const ranks = new WeakMap<UndoStep, number>();
  const next = signal<UndoStep | null>(null);
  const nextRedo = signal<UndoStep | null>(null);
  let count = 0;
  let stepping = false;

  const ranked = (edited: EditedDoc, step: UndoStep): Ranked => {
    const rank = ranks.get(step) ?? ++count;
    ranks.set(step, rank);
    return { edited, step, rank };
  };

  const newest = (stepOf: (edited: EditedDoc) => UndoStep | null): Ranked | null =>
    docs
      .flatMap((edited) => {
        const step = stepOf(edited);
        return step === null ? [] : [ranked(edited, step)];
      })
      .reduce<Ranked | null>((best, it) => (best === null || it.rank > best.rank ? it : best), null);

  const newestUndo = (): Ranked | null => newest(({ undo }) => undo.next());
  const newestRedo = (): Ranked | null => newest(({ undo }) => undo.nextRedo());

  const show = (): void => {
    next.value = newestUndo()?.step ?? null;
    nextRedo.value = newestRedo()?.step ?? null;
  };

  /** An edit comes after all that was taken back, in whichever document: none of that can be put back any more. */
  const follow = (edited: EditedDoc): void => {
    if (stepping) return;
    const made = edited.undo.next();
    if (made !== null && !ranks.has(made)) for (const other of docs) if (other !== edited) other.undo.forgetRedo();
    show();
  };

  const run = (found: Ranked | null, kind: 'undo' | 'redo'): StepOutcome => {
    if (found === null) return { type: 'nothing' };
    const { edited, step } = found;
    stepping = true;
    const done = edited.undo[kind](edited.sign());
    stepping = false;
    show();
    return { type: done ? 'done' : 'overtaken', step };
  };

  const stops = docs.map((edited) => edited.undo.onChange(() => follow(edited)));
  show();
  return {
    next,
    nextRedo,
    undo: () => run(newestUndo(), 'undo'),
    redo: () => run(newestRedo(), 'redo'),
    close: () => {
      for (const stop of stops) stop();
    },
  };
};
