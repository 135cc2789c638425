import type { Refusal } from '@baton/schema/errors';
import type { Timers } from '@baton/schema/ports';
import { CLOSE, encodeSaved } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { joinFrames, type PreparedFrame, payloadOf, prepareFrame } from '../transport/prepared-frame.ts';
import { createPasses, type PassLimits } from '../work/passes.ts';
import type { Identity } from './awareness.ts';
import { KEEP_ALIVE } from './frames.ts';
import { createTurnFrames } from './turn-frames.ts';

/** One connection to a document. */
export interface DocPeer {
  readonly socket: PeerSocket;
  readonly grant: Grant;
  readonly canWrite: boolean;
  /** Who it is to the other editors; null when it is none of them. */
  readonly identity: Identity | null;
  /** Why it may not write now though its role may: asked at each update. */
  readonly refuseWrite: () => Refusal | null;
  /** Offered `baton.v1`: is told what has been saved. */
  readonly confirmsSaves: boolean;
  /** A link between relays: what it brings was written by others, under client ids that are theirs. */
  readonly isLink: boolean;
  /** Step-2 and update messages up to here are in the document, whole. */
  received: number;
  /** Told that its changes are not taken. */
  denied: boolean;
  /** Bytes of the largest answer it asked for; it need not have drained that yet. */
  allowance: number;
  lastSentAt: number;
}

export interface DocPeers {
  readonly add: (peer: DocPeer) => void;
  readonly remove: (peer: DocPeer) => void;
  readonly all: () => readonly DocPeer[];
  /** Those that are told what is on disk. */
  readonly confirming: () => ReadonlySet<DocPeer>;
  readonly size: () => number;
  /** From here on the peer gets every change; what it was sent before holds those up to now. */
  readonly follow: (peer: DocPeer) => void;
  readonly send: (peer: DocPeer, frame: PreparedFrame) => void;
  /** A change, for all who follow; `author` made it and has it. */
  readonly broadcast: (frame: PreparedFrame, author: unknown) => void;
  /** Closes those that matching says; they leave by their close event. */
  readonly close: (code: number, reason: string, which?: (peer: DocPeer) => boolean) => void;
  /** Sends a frame to those that have had none for `ms`. */
  readonly keepAlive: (ms: number) => void;
  /** Tells those that want it what is on disk. */
  readonly announceSaved: (stateVector: Uint8Array, received: ReadonlyMap<DocPeer, number>) => void;
}

export interface DocPeersDeps {
  readonly timers: Timers;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
  readonly maxBufferedBytes: number;
  /** Time from one write to the next: what comes sooner is gathered. The first after a pause waits for its turn's end only. */
  readonly gatherMs: number;
}

/** A turn that has gathered this much is written at once. */
const MAX_TURN_BYTES = 256 * 1024;
/** While the turn before is still being written, this much: then the rest of that is written at once, however many are left. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Writes in one turn of the event loop, at some ten microseconds each; the others follow in the next. */
const WRITES: PassLimits = { turnVisits: 1000, turnMs: 8 };

const ALIVE = prepareFrame(KEEP_ALIVE);

/** Joins frames to bytes; peers that follow each other mostly get the same. */
const createJoin = (): ((frames: readonly PreparedFrame[]) => readonly Uint8Array[]) => {
  let last: readonly PreparedFrame[] | null = null;
  let joined: readonly Uint8Array[] = [];
  return (frames) => {
    if (frames !== last) joined = joinFrames(frames);
    last = frames;
    return joined;
  };
};

/**
 * The connections of one document. What they are told is gathered for a turn of the event loop and written once to each
 * socket (decision 0008): a write to a socket costs more than all that leads to it. Where there are thousands, the writes themselves
 * take several turns, and what comes meanwhile is gathered until the last has been written. Each has a bounded queue: who does
 * not drain is closed, and resyncs when it returns.
 */
export const createDocPeers = (deps: DocPeersDeps, writes: PassLimits = WRITES): DocPeers => {
  const peers = new Set<DocPeer>();
  const confirming = new Set<DocPeer>();
  const turn = createTurnFrames<DocPeer>();
  let scheduled = false;
  let flushedAt = Number.NEGATIVE_INFINITY;

  const isSlow = ({ socket, allowance }: DocPeer): boolean =>
    socket.bufferedAmount() > deps.maxBufferedBytes + allowance;

  let framesOf: (peer: DocPeer) => readonly PreparedFrame[] = () => [];
  let join = createJoin();

  const write = (peer: DocPeer): void => {
    const frames = framesOf(peer);
    if (frames.length === 0) return;
    const { socket } = peer;
    if (isSlow(peer)) return socket.close(CLOSE.tooSlow, 'the connection does not drain; come back and sync again');
    peer.lastSentAt = flushedAt;
    if (socket.sendWire !== undefined) socket.sendWire(join(frames));
    else for (const frame of frames) socket.send(payloadOf(frame));
  };

  const writing = createPasses<DocPeer>(deps, writes, {
    // who comes meanwhile is visited as well, and gets nothing of this turn
    all: () => peers.values(),
    visit: write,
    onEnd: () => {
      framesOf = () => [];
      if (turn.bytes() > 0) schedule();
      return false;
    },
  });

  const flush = (): void => {
    framesOf = turn.take();
    join = createJoin();
    flushedAt = deps.timers.mono();
    writing.startNow();
  };

  const schedule = (): void => {
    // each is written to in order: the next turn follows when the last of this one has its frames
    if (writing.isRunning()) return turn.bytes() >= MAX_WAITING_BYTES ? writing.finish() : undefined;
    if (turn.bytes() >= MAX_TURN_BYTES) return flush();
    if (scheduled) return;
    scheduled = true;
    const run = (): void => {
      scheduled = false;
      if (!writing.isRunning()) flush();
    };
    const wait = flushedAt + deps.gatherMs - deps.timers.mono();
    if (wait > 0) deps.timers.after(wait, run);
    else deps.afterTurn(run);
  };

  const send = (peer: DocPeer, frame: PreparedFrame): void => {
    if (!peers.has(peer)) return;
    turn.add(peer, frame);
    schedule();
  };

  return {
    add: (peer) => {
      peers.add(peer);
      if (peer.confirmsSaves) confirming.add(peer);
    },
    remove: (peer) => {
      peers.delete(peer);
      confirming.delete(peer);
      turn.forget(peer);
    },
    all: () => [...peers],
    confirming: () => confirming,
    size: () => peers.size,
    follow: turn.follow,
    send,
    broadcast: (frame, author) => {
      turn.share(frame, author);
      schedule();
    },
    close: (code, reason, which = () => true) => {
      for (const peer of [...peers]) if (which(peer)) peer.socket.close(code, reason);
    },
    keepAlive: (ms) => {
      const now = deps.timers.mono();
      for (const peer of peers) if (now - peer.lastSentAt >= ms) send(peer, ALIVE);
    },
    announceSaved: (stateVector, received) => {
      const frames = new Map<number, PreparedFrame>();
      for (const [peer, messages] of received) {
        const frame = frames.get(messages) ?? prepareFrame(encodeSaved({ stateVector, messages }));
        frames.set(messages, frame);
        send(peer, frame);
      }
    },
  };
};
