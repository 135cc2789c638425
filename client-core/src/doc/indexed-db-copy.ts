import { IndexeddbPersistence } from 'y-indexeddb';
import type { KeepCopy } from './doc-client.ts';

/** Keeps a document in the browser's IndexedDB. */
export const indexedDbCopy: KeepCopy = (name, doc) => {
  const persistence = new IndexeddbPersistence(`baton/${name}`, doc);
  return {
    origin: persistence,
    loaded: persistence.whenSynced.then(() => {}),
    close: () => void persistence.destroy(),
  };
};
