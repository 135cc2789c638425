import { type Author, createUndo, type EditKind, editAs, type SharedDoc, type Undo } from '@baton/schema/doc';
import type * as Y from 'yjs';
import type { FollowedDoc } from '../platform/followed-doc.ts';

/** A document that several people edit, as this page edits it: signed, and each edit one step of undo. */
export interface EditedDoc {
  readonly kind: SharedDoc;
  readonly followed: FollowedDoc;
  /** One change by the functions of `@baton/schema/doc`: one transaction, one entry of the history. */
  readonly edit: (change: (doc: Y.Doc) => void, kind?: EditKind) => void;
  readonly undo: Undo;
  /** Origin of this page's edits. */
  readonly origin: unknown;
  /** Who edits here, now. */
  readonly sign: () => Author;
  readonly close: () => void;
}

export const createEditedDoc = (followed: FollowedDoc, kind: SharedDoc, sign: () => Author): EditedDoc => {
  const { doc } = followed;
  const origin = { page: kind };
  const undo = createUndo(doc, kind, origin);
  return {
    kind,
    followed,
    origin,
    sign,
    undo,
    edit: (change, editKind = 'edit') => editAs(doc, sign(), change, { origin, kind: editKind }),
    close: () => {
      undo.close();
      followed.close();
    },
  };
};
