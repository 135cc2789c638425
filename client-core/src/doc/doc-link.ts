import type { CopyState, DeviceFault } from './local-copy.ts';

/**
 * How far one's edits of a document have got, from what happens on its connections and on this device.
 *
 * ```text
 *   connecting ──opened──▶ syncing ──loaded──▶ synced (every edit confirmed, or not yet)
 *        ▲                    │                   │
 *        └──────── offline ◀──┴──── lost ─────────┘        refused: a permanent close, nobody tries again
 *
 *   an edit:  made (or held from before) ──copy──▶ on this device
 *                    └──sent, answered──▶ marked ──saved──▶ confirmed: on the relay's disk
 * ```
 * Edits are numbered from 1 in the order in which this page came to know them. The relay says of each
 * connection how many of its frames with edits are on disk. Once it has been answered (told all that it
 * lacked), every edit so far is in the frames sent so far, and each later one is sent as it is made: that
 * count is the edit's mark, and the edit is confirmed when the relay's number reaches it. A mark dies with
 * its connection.
 */
export interface DocLinkState {
  readonly phase: 'connecting' | 'syncing' | 'synced' | 'offline' | 'refused';
  /** Why it is offline or refused. */
  readonly reason: string;
  /** Frames with edits of this connection: sent, and known to be on the relay's disk. */
  readonly sent: number;
  readonly saved: number;
  /** Everything that the relay lacked has been sent on this connection. */
  readonly answered: boolean;
  /** Why the relay drops the edits of this connection; null while it takes them. */
  readonly denied: string | null;
  /** Edits known to this page; the first `confirmed` of them are on the relay's disk. */
  readonly edits: number;
  readonly confirmed: number;
  /** `sent` at the last mark. */
  readonly markedAt: number;
  /** Rising in both numbers. */
  readonly marks: readonly Mark[];
  readonly copy: CopyState;
}

/** The first `edits` edits are within the first `sent` frames. */
interface Mark {
  readonly edits: number;
  readonly sent: number;
}

export type DocLinkInput =
  | { readonly type: 'dialing' }
  | { readonly type: 'opened' }
  /** The relay's state has been merged in. */
  | { readonly type: 'loaded' }
  /** A frame with edits went out. */
  | { readonly type: 'sent' }
  /** The last frame of the answer to what the relay lacks went out. */
  | { readonly type: 'answered' }
  | { readonly type: 'saved'; readonly messages: number }
  /** The relay drops what this connection sends. */
  | { readonly type: 'denied'; readonly reason: string }
  /** The document was changed here, or by an earlier page or another tab, and the relay may lack it. */
  | { readonly type: 'edited' }
  | { readonly type: 'copy'; readonly copy: CopyState }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };

/** What this device holds of a document. */
export type Keeping =
  /** Nobody asked for a copy (a program), or it is not open yet. */
  | { readonly type: 'none' }
  | { readonly type: 'opening' }
  /** The newest edit is on its way to the disk. */
  | { readonly type: 'writing' }
  /** Every edit is on this device's disk, or on the relay's. `damaged` edits of earlier pages cannot be read. */
  | { readonly type: 'kept'; readonly damaged: number }
  | { readonly type: 'not-kept'; readonly fault: DeviceFault };

interface LinkFacts {
  /** Edits of this page or device that the relay has not confirmed. */
  readonly unsaved: boolean;
  readonly keeping: Keeping;
}

/** What a person is shown. */
export type DocLink = LinkFacts &
  (
    | { readonly type: 'connecting' }
    /** Edits wait here. */
    | { readonly type: 'offline'; readonly reason: string }
    /** The relay's state, or one's own edits, are on their way. */
    | { readonly type: 'syncing' }
    /** Both have everything, and the relay has it on disk. */
    | { readonly type: 'synced' }
    /** The relay does not let this page in, or takes no edits from it. Edits stay where they are. */
    | { readonly type: 'refused'; readonly reason: string }
  );

export const beginDocLink = (copy: CopyState = { type: 'none' }): DocLinkState => ({
  phase: 'connecting',
  reason: '',
  sent: 0,
  saved: 0,
  answered: false,
  denied: null,
  edits: 0,
  confirmed: 0,
  markedAt: 0,
  marks: [],
  copy,
});

/** With more outstanding, the newest ones are confirmed together. */
const MAX_MARKS = 256;

/** An edit whose frame did not go out (the socket is closing) must not pass for sent: this connection marks no more. */
const marked = (state: DocLinkState): DocLinkState => {
  if (!state.answered) return state;
  if (state.sent === state.markedAt) return { ...state, answered: false };
  const kept = state.marks.length < MAX_MARKS ? state.marks : state.marks.slice(0, -1);
  return confirm({ ...state, markedAt: state.sent, marks: [...kept, { edits: state.edits, sent: state.sent }] });
};

const confirm = (state: DocLinkState): DocLinkState => {
  const reached = state.denied === null ? state.marks.findLastIndex((mark) => mark.sent <= state.saved) : -1;
  const mark = state.marks[reached];
  if (mark === undefined) return state;
  return { ...state, confirmed: mark.edits, marks: state.marks.slice(reached + 1) };
};

const ended = (state: DocLinkState, phase: 'offline' | 'refused', reason: string): DocLinkState => ({
  ...state,
  phase,
  reason,
  answered: false,
  marks: [],
});

export const stepDocLink = (state: DocLinkState, input: DocLinkInput): DocLinkState => {
  switch (input.type) {
    case 'dialing':
      return { ...ended(state, 'offline', state.reason), phase: 'connecting' };
    case 'opened':
      return { ...state, phase: 'syncing', sent: 0, saved: 0, answered: false, denied: null, markedAt: 0, marks: [] };
    case 'loaded':
      return { ...state, phase: 'synced' };
    case 'sent':
      return { ...state, sent: state.sent + 1 };
    case 'answered':
      return marked({ ...state, answered: true });
    case 'saved':
      return confirm({ ...state, saved: Math.max(state.saved, input.messages) });
    case 'denied':
      return { ...state, denied: input.reason };
    case 'edited':
      return marked({ ...state, edits: state.edits + 1 });
    case 'copy':
      return { ...state, copy: input.copy };
    case 'lost':
      return ended(state, 'offline', input.reason);
    case 'refused':
      return ended(state, 'refused', input.reason);
  }
};

const keepingOf = ({ copy, edits, confirmed }: DocLinkState): Keeping => {
  if (copy.type !== 'kept') return copy;
  return Math.max(copy.edits, confirmed) >= edits ? { type: 'kept', damaged: copy.damaged } : { type: 'writing' };
};

export const docLinkOf = (state: DocLinkState): DocLink => {
  const facts: LinkFacts = { unsaved: state.edits > state.confirmed, keeping: keepingOf(state) };
  switch (state.phase) {
    case 'connecting':
      return { type: 'connecting', ...facts };
    case 'syncing':
      return { type: 'syncing', ...facts };
    case 'synced':
      if (facts.unsaved && state.denied !== null) return { type: 'refused', reason: state.denied, ...facts };
      return { type: facts.unsaved ? 'syncing' : 'synced', ...facts };
    case 'offline':
      return { type: 'offline', reason: state.reason, ...facts };
    case 'refused':
      return { type: 'refused', reason: state.reason, ...facts };
  }
};
