import type { DocLink } from '@baton/client-core';
import type { SharedDoc } from '@baton/schema/doc';
import { signal } from '@preact/signals';
import * as Y from 'yjs';
import { createEditedDoc, type EditedDoc } from '../../../src/operator/edited-doc.ts';

/** A document as somebody's page edits it; each edit is a second after the one before. */
export const editedDoc = (kind: SharedDoc, name = 'Ada', from = 0): EditedDoc => {
  const doc = new Y.Doc({ gc: false });
  let seconds = from;
  const followed = {
    doc,
    link: signal<DocLink>({ type: 'synced', unsaved: false, keeping: { type: 'none' } }),
    loaded: signal(true),
    close: () => doc.destroy(),
  };
  return createEditedDoc(followed, kind, () => ({ name, at: ++seconds * 1000 }));
};

/** They meet: both have what either has. */
export const meet = (...docs: readonly EditedDoc[]): void => {
  for (const from of docs) {
    for (const to of docs) {
      const missing = Y.encodeStateAsUpdate(from.followed.doc, Y.encodeStateVector(to.followed.doc));
      Y.applyUpdate(to.followed.doc, missing, 'relay');
    }
  }
};
