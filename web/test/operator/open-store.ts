import type { DocLink } from '@baton/client-core';
import { signal } from '@preact/signals';
import * as Y from 'yjs';
import { createEditedDoc } from '../../src/operator/edited-doc.ts';
import { createSetupStore, type SetupStore } from '../../src/operator/setup-store.ts';

/** A setup store over a document that nobody else has, or over this one. */
export const openStore = (
  doc = new Y.Doc({ gc: false }),
): { readonly doc: Y.Doc; readonly store: SetupStore; readonly undo: () => boolean } => {
  const ada = { name: 'Ada', at: 1 };
  const followed = {
    doc,
    link: signal<DocLink>({ type: 'synced' }),
    loaded: signal(true),
    close: () => doc.destroy(),
  };
  const edited = createEditedDoc(followed, 'setup', () => ada);
  return { doc, store: createSetupStore(edited), undo: () => edited.undo.undo(ada) };
};
