/** How far one's edits of a document have got. */
export type DocLink =
  | { readonly type: 'connecting' }
  /** No connection; edits wait in this page. */
  | { readonly type: 'offline'; readonly unsaved: boolean }
  /** Edits are on their way. */
  | { readonly type: 'saving' }
  /** The relay has them on disk. */
  | { readonly type: 'saved' }
  /** The relay refuses this page for good. */
  | { readonly type: 'refused'; readonly reason: string };
