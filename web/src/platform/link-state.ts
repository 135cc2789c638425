import type { DocLink } from './doc-link.ts';

/**
 * How far one's edits of a document have got, from what happens on its connections.
 *
 * The relay says of each connection how many of its frames with edits are on disk; so an edit is
 * saved when that number has reached the number sent. A new connection begins by sending whatever
 * the relay lacks: with that frame saved, everything is.
 */
export interface LinkState {
  readonly connection: 'first' | 'lost' | 'open' | 'loaded' | 'refused';
  readonly reason: string;
  /** Frames with edits of this connection: sent, and known to be on the relay's disk. */
  readonly sent: number;
  readonly saved: number;
  /** Edits were made that no connection has confirmed. */
  readonly unsaved: boolean;
}

export type LinkInput =
  | { readonly type: 'opened' }
  /** The relay's state has been merged in. */
  | { readonly type: 'loaded' }
  /** A frame with edits went out. */
  | { readonly type: 'sent' }
  | { readonly type: 'saved'; readonly messages: number }
  /** Something was changed on this page. */
  | { readonly type: 'edited' }
  | { readonly type: 'lost' }
  | { readonly type: 'refused'; readonly reason: string };

export const beginLink = (): LinkState => ({ connection: 'first', reason: '', sent: 0, saved: 0, unsaved: false });

const confirmed = (state: LinkState): LinkState =>
  state.connection === 'loaded' && state.sent > 0 && state.saved >= state.sent ? { ...state, unsaved: false } : state;

export const stepLink = (state: LinkState, input: LinkInput): LinkState => {
  switch (input.type) {
    case 'opened':
      return { ...state, connection: 'open', sent: 0, saved: 0 };
    case 'loaded':
      return confirmed({ ...state, connection: 'loaded' });
    case 'sent':
      return { ...state, sent: state.sent + 1 };
    case 'saved':
      return confirmed({ ...state, saved: input.messages });
    case 'edited':
      return { ...state, unsaved: true };
    case 'lost':
      return state.connection === 'refused' ? state : { ...state, connection: 'lost' };
    case 'refused':
      return { ...state, connection: 'refused', reason: input.reason };
  }
};

/** What a person is shown. */
export const linkOf = (state: LinkState): DocLink => {
  switch (state.connection) {
    case 'first':
    case 'open':
      return { type: 'connecting' };
    case 'lost':
      return { type: 'offline', unsaved: state.unsaved };
    case 'loaded':
      return { type: state.unsaved ? 'saving' : 'saved' };
    case 'refused':
      return { type: 'refused', reason: state.reason };
  }
};
