import { createUndo, type EditKind, editAs, type Undo } from '@baton/schema/doc';
import { type ReadonlySignal, signal } from '@preact/signals';
import type * as Y from 'yjs';
import type { EditedDoc } from '../edited-doc.ts';

/** Many changes that belong together, such as an import; taken back together too. */
export interface Batch {
  readonly label: string;
  readonly kind: EditKind;
  readonly state: 'running' | 'done' | 'undoing' | 'undone';
  /** Of `total` steps, forwards or back. */
  readonly done: number;
  readonly total: number;
}

export interface BatchEdits {
  /** The newest one, until it is put away. */
  readonly current: ReadonlySignal<Batch | null>;
  /** Runs the steps, one transaction each, with a pause after each. False while another one runs. */
  readonly run: (label: string, steps: readonly ((doc: Y.Doc) => void)[], kind?: EditKind) => Promise<boolean>;
  /** Takes the newest one back, step by step; what others wrote over it meanwhile stays. */
  readonly undo: () => Promise<void>;
  readonly putAway: () => void;
  readonly close: () => void;
}

/**
 * Edits too large for one transaction: an update of tens of thousands of entries would be larger than a frame may be,
 * and hold the page up. Each batch has an origin and an undo of its own, so that taking it back needs no other
 * edit to be taken back first.
 */
export const createBatchEdits = (edited: EditedDoc, pause: () => Promise<void>): BatchEdits => {
  const { doc } = edited.followed;
  const current = signal<Batch | null>(null);
  let undo: Undo | null = null;
  let closed = false;
  const isBusy = (): boolean => current.peek()?.state === 'running' || current.peek()?.state === 'undoing';
  const forget = (): void => {
    undo?.close();
    undo = null;
    current.value = null;
  };

  const run: BatchEdits['run'] = async (label, steps, kind = 'edit') => {
    if (isBusy() || closed) return false;
    forget();
    const origin = { batch: label };
    undo = createUndo(doc, edited.kind, origin, steps.length);
    const total = steps.length;
    for (const [done, step] of steps.entries()) {
      current.value = { label, kind, state: 'running', done, total };
      await pause();
      if (closed) return false;
      editAs(doc, edited.sign(), step, { origin, kind });
    }
    current.value = { label, kind, state: 'done', done: total, total };
    return true;
  };

  const takeBack = async (): Promise<void> => {
    const batch = current.peek();
    if (batch?.state !== 'done') return;
    for (let done = 0; done < batch.total && undo?.canUndo() === true; done++) {
      current.value = { ...batch, state: 'undoing', done };
      await pause();
      if (closed) return;
      undo.undo(edited.sign());
    }
    current.value = { ...batch, state: 'undone', done: batch.total };
  };

  return {
    current,
    run,
    undo: takeBack,
    putAway: () => {
      if (!isBusy()) forget();
    },
    close: () => {
      closed = true;
      undo?.close();
    },
  };
};
