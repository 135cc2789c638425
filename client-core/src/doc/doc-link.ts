/**
 * How far one's edits of a document have got, from what happens on its connections.
 *
 * ```text
 *   connecting ──opened──▶ syncing ──loaded──▶ synced (saved or not)
 *        ▲                    │                   │
 *        └──────── offline ◀──┴──── lost ─────────┘        refused: a permanent close, nobody tries again
 * ```
 * The relay says of each connection how many of its frames with edits are on disk; so an edit is
 * saved when that number has reached the number sent. A new connection begins by sending whatever
 * the relay lacks: with that frame saved, everything is.
 */
export interface DocLinkState {
  readonly phase: 'connecting' | 'syncing' | 'synced' | 'offline' | 'refused';
  /** Why it is offline or refused. */
  readonly reason: string;
  /** Frames with edits of this connection: sent, and known to be on the relay's disk. */
  readonly sent: number;
  readonly saved: number;
  /** Edits were made that no connection has confirmed. */
  readonly unsaved: boolean;
}

export type DocLinkInput =
  | { readonly type: 'dialing' }
  | { readonly type: 'opened' }
  /** The relay's state has been merged in. */
  | { readonly type: 'loaded' }
  /** A frame with edits went out. */
  | { readonly type: 'sent' }
  | { readonly type: 'saved'; readonly messages: number }
  /** The document was changed here. */
  | { readonly type: 'edited' }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };

/** What a person is shown. */
export type DocLink =
  | { readonly type: 'connecting' }
  /** Edits wait here. */
  | { readonly type: 'offline'; readonly unsaved: boolean; readonly reason: string }
  /** The relay's state, or one's own edits, are on their way. */
  | { readonly type: 'syncing' }
  /** Both have everything, and the relay has it on disk. */
  | { readonly type: 'synced' }
  | { readonly type: 'refused'; readonly reason: string };

export const beginDocLink = (): DocLinkState => ({
  phase: 'connecting',
  reason: '',
  sent: 0,
  saved: 0,
  unsaved: false,
});

const confirmed = (state: DocLinkState): DocLinkState =>
  state.phase === 'synced' && state.sent > 0 && state.saved >= state.sent ? { ...state, unsaved: false } : state;

export const stepDocLink = (state: DocLinkState, input: DocLinkInput): DocLinkState => {
  switch (input.type) {
    case 'dialing':
      return { ...state, phase: 'connecting' };
    case 'opened':
      return { ...state, phase: 'syncing', sent: 0, saved: 0 };
    case 'loaded':
      return confirmed({ ...state, phase: 'synced' });
    case 'sent':
      return { ...state, sent: state.sent + 1 };
    case 'saved':
      return confirmed({ ...state, saved: input.messages });
    case 'edited':
      return { ...state, unsaved: true };
    case 'lost':
      return { ...state, phase: 'offline', reason: input.reason };
    case 'refused':
      return { ...state, phase: 'refused', reason: input.reason };
  }
};

export const docLinkOf = (state: DocLinkState): DocLink => {
  switch (state.phase) {
    case 'connecting':
      return { type: 'connecting' };
    case 'syncing':
      return { type: 'syncing' };
    case 'synced':
      return { type: state.unsaved ? 'syncing' : 'synced' };
    case 'offline':
      return { type: 'offline', unsaved: state.unsaved, reason: state.reason };
    case 'refused':
      return { type: 'refused', reason: state.reason };
  }
};
