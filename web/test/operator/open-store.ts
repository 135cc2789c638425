import type { DocLink } from '@baton/client-core';
import { signal } from '@preact/signals';
import * as Y from 'yjs';
import { createSetupStore, type SetupStore } from '../../src/operator/setup-store.ts';
import type { FollowedDoc } from '../../src/platform/followed-doc.ts';

/** A setup store over a document that nobody else has. */
export const openStore = (): { readonly doc: Y.Doc; readonly followed: FollowedDoc; readonly store: SetupStore } => {
  const doc = new Y.Doc();
  const followed: FollowedDoc = {
    doc,
    link: signal<DocLink>({ type: 'synced' }),
    loaded: signal(true),
    close: () => doc.destroy(),
  };
  return { doc, followed, store: createSetupStore(followed) };
};
