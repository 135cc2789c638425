import type { PreparedFrame } from '../transport/prepared-frame.ts';

/**
 * What the peers of a document are to get of one turn of the event loop. Changes are kept once for all; what is for one
 * peer alone is kept with its place among them, so that each gets everything in the order in which it was said.
 */
export interface TurnFrames<Peer> {
  /** From here on the peer gets every change: its answer to step 1 holds all before. */
  readonly follow: (peer: Peer) => void;
  /** A change, for all who follow but its author. */
  readonly share: (frame: PreparedFrame, author: unknown) => void;
  readonly add: (peer: Peer, frame: PreparedFrame) => void;
  readonly forget: (peer: Peer) => void;
  /** Bytes kept, each frame once. */
  readonly bytes: () => number;
  /**
   * Ends the turn. The answer is per peer, and holds also when it is asked for while later turns go on; peers that are to get
   * the same get the same array.
   */
  readonly take: () => (peer: Peer) => readonly PreparedFrame[];
}

interface Own {
  /** How many changes come before it. */
  readonly at: number;
  readonly frame: PreparedFrame;
}

interface Special {
  /** Index of the first change the peer is to get; infinite while it does not follow. */
  from: number;
  readonly own: Own[];
}

interface Turn<Peer> {
  readonly number: number;
  readonly shared: PreparedFrame[];
  readonly authors: unknown[];
  /** Peers that get something else than the shared frames. */
  readonly specials: Map<Peer, Special>;
  bytes: number;
}

const NONE: readonly PreparedFrame[] = [];

const emptyTurn = <Peer>(number: number): Turn<Peer> => ({
  number,
  shared: [],
  authors: [],
  specials: new Map(),
  bytes: 0,
});

const compose = <Peer>({ shared, authors }: Turn<Peer>, { from, own }: Special, peer: Peer): PreparedFrame[] => {
  const frames: PreparedFrame[] = [];
  let next = from;
  const shareUpTo = (end: number): void => {
    for (; next < end; next++) {
      const frame = shared[next];
      if (frame !== undefined && authors[next] !== peer) frames.push(frame);
    }
  };
  for (const { at, frame } of own) {
    shareUpTo(at);
    frames.push(frame);
  }
  shareUpTo(shared.length);
  return frames;
};

const isSameOwn = (a: readonly Own[], b: readonly Own[]): boolean =>
  a.length === b.length && a.every(({ at, frame }, index) => b[index]?.at === at && b[index].frame === frame);

/** Answers peers whose own frames are the same with the same array: a "saved" to a thousand readers is joined once. */
const createComposer = <Peer>(turn: Turn<Peer>, follows: (peer: Peer) => boolean) => {
  const authors = new Set(turn.authors);
  let last: { readonly own: readonly Own[]; readonly frames: readonly PreparedFrame[] } | null = null;
  return (peer: Peer): readonly PreparedFrame[] => {
    const special = turn.specials.get(peer);
    if (special === undefined) return follows(peer) ? turn.shared : NONE;
    const alike = special.from === 0 && !authors.has(peer);
    if (alike && last !== null && isSameOwn(last.own, special.own)) return last.frames;
    const frames = compose(turn, special, peer);
    if (alike) last = { own: special.own, frames };
    return frames;
  };
};

export const createTurnFrames = <Peer>(): TurnFrames<Peer> => {
  /** With the turn in which they began. */
  const followers = new Map<unknown, number>();
  let turn = emptyTurn<Peer>(0);

  const specialOf = (peer: Peer): Special => {
    const known = turn.specials.get(peer);
    if (known !== undefined) return known;
    const special: Special = { from: followers.has(peer) ? 0 : Number.POSITIVE_INFINITY, own: [] };
    turn.specials.set(peer, special);
    return special;
  };

  return {
    follow: (peer) => {
      if (followers.has(peer)) return;
      specialOf(peer).from = turn.shared.length;
      followers.set(peer, turn.number);
    },
    share: (frame, author) => {
      if (followers.has(author)) specialOf(author as Peer);
      turn.shared.push(frame);
      turn.authors.push(author);
      turn.bytes += frame.bytes;
    },
    add: (peer, frame) => {
      specialOf(peer).own.push({ at: turn.shared.length, frame });
      turn.bytes += frame.bytes;
    },
    forget: (peer) => {
      followers.delete(peer);
      turn.specials.delete(peer);
    },
    bytes: () => turn.bytes,
    take: () => {
      const ended = turn;
      turn = emptyTurn(ended.number + 1);
      // who began in this turn is among its specials
      return createComposer(ended, (peer) => (followers.get(peer) ?? Number.POSITIVE_INFINITY) < ended.number);
    },
  };
};
