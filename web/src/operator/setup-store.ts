import type { DocLink } from '@baton/client-core';
import { type DocProblem, EMPTY_SETUP, readSetup, type Setup } from '@baton/schema/doc';
import { type ReadonlySignal, signal } from '@preact/signals';
import type * as Y from 'yjs';
import type { EditedDoc } from './edited-doc.ts';

/** The event's setup as this page has it now: everybody's edits, and its own at once. */
export interface SetupStore {
  readonly setup: ReadonlySignal<Setup>;
  /** Entries that other versions wrote and this page cannot read. */
  readonly problems: ReadonlySignal<readonly DocProblem[]>;
  readonly link: ReadonlySignal<DocLink>;
  /** One change of the document, by the functions of `@baton/schema/doc`. */
  readonly edit: (change: (doc: Y.Doc) => void) => void;
  readonly close: () => void;
}

export const createSetupStore = (edited: EditedDoc): SetupStore => {
  const { followed } = edited;
  const setup = signal<Setup>(EMPTY_SETUP);
  const problems = signal<readonly DocProblem[]>([]);
  const read = (): void => {
    const result = readSetup(followed.doc);
    setup.value = result.setup;
    problems.value = result.problems;
  };
  followed.doc.on('afterAllTransactions', read);
  read();
  return {
    setup,
    problems,
    link: followed.link,
    edit: (change) => edited.edit(change),
    close: () => {
      followed.doc.off('afterAllTransactions', read);
      edited.close();
    },
  };
};
