import { join } from 'node:path';
import type { Log } from '@baton/schema/ports';
import { NOTHING_SELECTED, Selection } from '@baton/schema/selection';
import { createKeptFile } from './kept-file.ts';

/** What this receiver selected last; works before the first connection and without one. */
export interface SelectionStore {
  readonly current: () => Selection;
  /** Resolves once it is on disk; only then it is the current one. */
  readonly store: (selection: Selection) => Promise<void>;
}

/** Kept in `<dataDir>/selection.json`. Nothing stored means nothing selected. */
export const openSelectionStore = async (dataDir: string, log: Log): Promise<SelectionStore> => {
  const file = createKeptFile(join(dataDir, 'selection.json'), Selection, log);
  let current: Selection = (await file.read()) ?? NOTHING_SELECTED;
  return {
    current: () => current,
    store: async (selection) => {
      await file.write(selection);
      current = selection;
    },
  };
};
