import { writeSelection } from '@baton/schema/doc';
import type { Log } from '@baton/schema/ports';
import type { Selection } from '@baton/schema/selection';
import * as Y from 'yjs';
import { z } from 'zod';

/** A document as a file keeps it. */
export const KeptDocument = z.object({
  /** As `/docs/<name>` calls it. */
  name: z.string(),
  /** Yjs update with all of it, in base64. */
  state: z.string(),
});
export type KeptDocument = z.infer<typeof KeptDocument>;

/** An edit that nobody has seen yet. */
export interface DraftEdit {
  /** The document with it. */
  readonly document: KeptDocument;
  /** It is on disk: now the document has it, and whoever follows the document. */
  readonly publish: () => void;
  readonly drop: () => void;
}

/** The document of this receiver. The edits made here pass through `draft`, one at a time. */
export interface OwnDocument {
  readonly name: string;
  readonly doc: Y.Doc;
  /** Whether there was a usable state to begin with. */
  readonly isRestored: boolean;
  readonly kept: () => KeptDocument;
  readonly draft: (selection: Selection) => DraftEdit;
}

const stateOf = (doc: Y.Doc): string => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64');

const merge = (from: Y.Doc, to: Y.Doc): void => {
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
};

const restore = (kept: KeptDocument, log: Log): Y.Doc | null => {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, Buffer.from(kept.state, 'base64'));
    return doc;
  } catch (error) {
    log.warn('the stored document is damaged and is left out', { document: kept.name, error: String(error) });
    doc.destroy();
    return null;
  }
};

/** Begins with what was kept, if that is this document. */
export const openOwnDocument = (name: string, kept: KeptDocument | undefined, log: Log): OwnDocument => {
  const restored = kept?.name === name ? restore(kept, log) : null;
  const doc = restored ?? new Y.Doc();
  /** Runs ahead of the document by the edit that is on its way to the disk. */
  let editor = new Y.Doc();
  return {
    name,
    doc,
    isRestored: restored !== null,
    kept: () => ({ name, state: stateOf(doc) }),
    draft: (selection) => {
      merge(doc, editor);
      writeSelection(editor, selection);
      return {
        document: { name, state: stateOf(editor) },
        publish: () => merge(editor, doc),
        drop: () => {
          editor.destroy();
          editor = new Y.Doc(); // a Yjs client must not say two things under one number
        },
      };
    },
  };
};
