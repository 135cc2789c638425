import type { Refusal } from '@baton/schema/errors';
import type { Timers } from '@baton/schema/ports';
import { CLOSE, encodeSaved } from '@baton/schema/protocol';
import type { Grant } from '../relay-core.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { KEEP_ALIVE } from './frames.ts';

/** One connection to a document. */
export interface DocPeer {
  readonly socket: PeerSocket;
  readonly grant: Grant;
  readonly canWrite: boolean;
  /** Why it may not write now though its role may: asked at each update. */
  readonly refuseWrite: () => Refusal | null;
  /** Offered `baton.v1`: is told what has been saved. */
  readonly confirmsSaves: boolean;
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
  readonly size: () => number;
  readonly send: (peer: DocPeer, frame: Uint8Array) => void;
  /** One frame for many; `except` made the change and has it. */
  readonly broadcast: (frame: Uint8Array, to?: (peer: DocPeer) => boolean) => void;
  /** Closes those that matching says; they leave by their close event. */
  readonly close: (code: number, reason: string, which?: (peer: DocPeer) => boolean) => void;
  /** Sends a frame to those that have had none for `ms`. */
  readonly keepAlive: (ms: number) => void;
  /** Tells those that want it what is on disk. */
  readonly announceSaved: (stateVector: Uint8Array, received: ReadonlyMap<DocPeer, number>) => void;
}

/** The connections of one document, each with a bounded queue: who does not drain is closed, and resyncs when it returns. */
export const createDocPeers = (deps: { readonly timers: Timers; readonly maxBufferedBytes: number }): DocPeers => {
  const peers = new Set<DocPeer>();

  const send = (peer: DocPeer, frame: Uint8Array): void => {
    if (peer.socket.bufferedAmount() > deps.maxBufferedBytes + peer.allowance) {
      peer.socket.close(CLOSE.tooSlow, 'the connection does not drain; come back and sync again');
      return;
    }
    peer.lastSentAt = deps.timers.mono();
    peer.socket.send(frame);
  };

  const broadcast = (frame: Uint8Array, to: (peer: DocPeer) => boolean = () => true): void => {
    for (const peer of peers) if (to(peer)) send(peer, frame);
  };

  return {
    add: (peer) => {
      peers.add(peer);
    },
    remove: (peer) => {
      peers.delete(peer);
    },
    all: () => [...peers],
    size: () => peers.size,
    send,
    broadcast,
    close: (code, reason, which = () => true) => {
      for (const peer of [...peers]) if (which(peer)) peer.socket.close(code, reason);
    },
    keepAlive: (ms) => {
      const now = deps.timers.mono();
      broadcast(KEEP_ALIVE, (peer) => now - peer.lastSentAt >= ms);
    },
    announceSaved: (stateVector, received) => {
      for (const [peer, messages] of received) {
        if (peers.has(peer) && peer.confirmsSaves) send(peer, encodeSaved({ stateVector, messages }));
      }
    },
  };
};
