import * as Y from 'yjs';
import { type Author, editAs } from '../../src/doc/index.ts';

/** A person's own copy of a document, as their page has it: nothing is thrown away, edits are signed. */
export interface Desk {
  readonly doc: Y.Doc;
  readonly author: (at?: number) => Author;
  /** Edits as this person; each edit a second after the one before unless said otherwise. */
  readonly edit: (change: (doc: Y.Doc) => void, at?: number) => void;
}

export const desk = (name: string, origin: unknown = name): Desk => {
  const doc = new Y.Doc({ gc: false });
  let second = 0;
  const author = (at?: number): Author => ({ name, at: at ?? ++second * 1000 });
  return { doc, author, edit: (change, at) => editAs(doc, author(at), change, { origin }) };
};

/** They meet: both have what either has. */
export const meet = (...desks: readonly { readonly doc: Y.Doc }[]): void => {
  for (const from of desks) {
    for (const to of desks) Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)));
  }
};
