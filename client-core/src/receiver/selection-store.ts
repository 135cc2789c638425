import { join } from 'node:path';
import { type DocProblem, readReceiver } from '@baton/schema/doc';
import type { Log } from '@baton/schema/ports';
import { NOTHING_SELECTED, Selection, sameSelection } from '@baton/schema/selection';
import type * as Y from 'yjs';
import { z } from 'zod';
import { createKeptFile } from './kept-file.ts';
import { KeptDocument, type OwnDocument, openOwnDocument } from './own-document.ts';

/** The selection and the receiver's document are one file, so that no power cut comes between them. */
const Kept = Selection.and(
  z.object({
    /** Chosen while this receiver's document was not at hand: still to be written into it. */
    pending: z.literal(true).optional(),
    /** With the edits that have not reached the relay. */
    document: KeptDocument.optional().catch(undefined),
  }),
);
type Kept = z.infer<typeof Kept>;

/** What this receiver selected last; works before the first connection and without one. */
export interface SelectionStore {
  readonly current: () => Selection;
  /** An edit of the document, too. Resolves once it is on disk; only then it is the current one. */
  readonly store: (selection: Selection) => Promise<void>;
  /** After each `store`, and after each change that the document brought. Returns the way to stop. */
  readonly onChange: (listener: (selection: Selection) => void) => () => void;
  /** This receiver's document, with what is held of it. It lives as long as the store; nobody else edits it. */
  readonly hold: (name: string) => Y.Doc;
  /**
   * Stores what the document says: once the relay's state has been merged into it, and after each change.
   * A selection that does not parse is reported, and what is stored stays. Rejects when the disk refuses.
   */
  readonly absorb: () => Promise<void>;
}

const selectionOf = (kept: Kept): Selection =>
  kept.mode === 'manual'
    ? { mode: 'manual', streams: kept.streams }
    : { mode: 'race', raceId: kept.raceId, epochScope: kept.epochScope };

const sameDocument = (a: KeptDocument | undefined, b: KeptDocument): boolean =>
  a?.name === b.name && a.state === b.state;

/** Warns of each problem once, as long as it lasts. */
const createProblemTeller = (log: Log): ((document: string, problems: readonly DocProblem[]) => void) => {
  let told: string | null = null;
  return (document, problems) => {
    const problem = problems[0]?.message ?? null;
    if (problem !== null && problem !== told) {
      log.warn('the document holds a selection that does not parse; the stored one stays', { document, problem });
    }
    told = problem;
  };
};

/** Kept in `<dataDir>/selection.json`. Nothing stored means nothing selected. */
export const openSelectionStore = async (dataDir: string, log: Log): Promise<SelectionStore> => {
  const file = createKeptFile(join(dataDir, 'selection.json'), Kept, log);
  const tellProblems = createProblemTeller(log);
  const listeners = new Set<(selection: Selection) => void>();
  let kept: Kept = (await file.read()) ?? NOTHING_SELECTED;
  let current = selectionOf(kept);
  let own: OwnDocument | null = null;
  /** Whether the relay's state was ever merged into it: an edit before that would meet an older one as its equal. */
  let isKnown = false;
  let last: Promise<void> = Promise.resolve();

  /** One change after the other: each begins with what the one before left. */
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const done = last.then(change);
    last = done.catch(() => {}); // told to the one who asked; the next change is another matter
    return done;
  };

  const keep = async (next: Kept): Promise<void> => {
    await file.write(next);
    kept = next;
    current = selectionOf(next);
  };

  const keepPending = (selection: Selection): Promise<void> =>
    keep({ ...selection, pending: true, ...(kept.document === undefined ? {} : { document: kept.document }) });

  const edit = async (document: OwnDocument, selection: Selection): Promise<void> => {
    const draft = document.draft(selection);
    try {
      await keep({ ...selection, document: draft.document });
    } catch (error) {
      draft.drop();
      throw error;
    }
    draft.publish();
  };

  const tell = (): void => {
    for (const listener of listeners) listener(current);
  };

  const follow = async (document: OwnDocument): Promise<void> => {
    const said = readReceiver(document.doc);
    tellProblems(document.name, said.problems);
    const isSilent = !said.stored && said.problems.length === 0;
    if (isSilent && !sameSelection(current, NOTHING_SELECTED)) return edit(document, current);
    const next: Kept = { ...(said.stored ? said.selection : current), document: document.kept() };
    const isChange = !sameSelection(current, next);
    if (!isChange && sameDocument(kept.document, document.kept())) return;
    await keep(next);
    if (isChange) tell();
  };

  return {
    current: () => current,
    store: (selection) =>
      inTurn(async () => {
        if (own !== null && isKnown) await edit(own, selection);
        else await keepPending(selection);
        tell();
      }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hold: (name) => {
      if (own?.name !== name) {
        own = openOwnDocument(name, kept.document, log);
        isKnown = own.isRestored;
      }
      return own.doc;
    },
    absorb: () =>
      inTurn(async () => {
        if (own === null) return;
        isKnown = true;
        if (kept.pending === true) await edit(own, current);
        else await follow(own);
      }),
  };
};
