import { type Refusal, refusal } from '@baton/schema/errors';
import { CLOSE, MAX_DOC_FRAME_BYTES } from '@baton/schema/protocol';
import { prepareFrame } from '../transport/prepared-frame.ts';
import type { DocPeer, DocPeers } from './doc-peers.ts';
import { createDocPresence } from './doc-presence.ts';
import { type DocMessage, decodeDocFrame, encodePermissionDenied, encodeStep1 } from './frames.ts';
import type { LiveDoc } from './live-doc.ts';

export interface DocDispatchDeps {
  readonly peers: DocPeers;
  /** The document as it is now; null while it is read again. */
  readonly live: () => LiveDoc | null;
  /** A frame was refused; for the counters. */
  readonly onRefused: (code: Refusal['code']) => void;
  readonly afterTurn: (run: () => void) => void;
  /** An update was taken, whether or not it was news. */
  readonly onReceived: () => void;
}

/** What the frames of a document's peers mean. */
export interface DocDispatch {
  readonly welcome: (peer: DocPeer) => void;
  readonly receive: (peer: DocPeer, frame: string | Uint8Array) => void;
  readonly farewell: (peer: DocPeer) => void;
}

/** Frames with gaps that one connection may send: each makes Yjs merge all that is pending again. */
const MAX_GAP_FRAMES = 64;

const READ_ONLY = refusal('FORBIDDEN', 'this token may read the document, not change it');

export const createDocDispatch = (deps: DocDispatchDeps): DocDispatch => {
  const { peers } = deps;
  const presence = createDocPresence(deps);

  const refuse = (peer: DocPeer, message: string): void => {
    deps.onRefused('PROTOCOL_ERROR');
    peer.socket.close(CLOSE.badFrame, message);
  };

  const sendAway = (peer: DocPeer): void =>
    peer.socket.close(CLOSE.tryLater, 'the document is being read again; come back and sync');

  const takeUpdate = (peer: DocPeer, update: Uint8Array): void => {
    const live = deps.live();
    if (live === null) return sendAway(peer);
    peer.received++;
    const applied = live.apply(update, peer);
    deps.onReceived();
    if (!applied.ok) return refuse(peer, applied.error.message);
    if (applied.value.gaps === 0) return;
    peer.gaps++;
    if (peer.gaps > MAX_GAP_FRAMES) refuse(peer, 'too many changes whose predecessors are missing');
  };

  const denyUpdate = (peer: DocPeer, update: Uint8Array, { code, message }: Refusal): void => {
    // a stock client answers step 1 even when it has nothing new: no structs, no deletes
    const empty = update.length === 2 && update[0] === 0 && update[1] === 0;
    if (peer.denied || empty) return;
    peer.denied = true;
    deps.onRefused(code);
    peers.send(peer, prepareFrame(encodePermissionDenied(message)));
  };

  const judgeUpdate = (peer: DocPeer, update: Uint8Array): void => {
    const denied = peer.canWrite ? peer.refuseWrite() : READ_ONLY;
    if (denied === null) takeUpdate(peer, update);
    else denyUpdate(peer, update, denied);
  };

  const answerStep1 = (peer: DocPeer, stateVector: Uint8Array): void => {
    const live = deps.live();
    if (live === null) return sendAway(peer);
    const answer = live.answer(stateVector);
    if (!answer.ok) return refuse(peer, answer.error.message);
    peers.send(peer, answer.value);
    // the one cut: what the answer holds is not sent again, and what it lacks is
    peers.follow(peer);
    peer.allowance = Math.max(peer.allowance, answer.value.wire.length);
  };

  const takeAwareness = (peer: DocPeer, update: Uint8Array): void => {
    const taken = presence.take(peer, update);
    if (!taken.ok) refuse(peer, taken.error.message);
  };

  const handle = (peer: DocPeer, message: DocMessage): void => {
    switch (message.type) {
      case 'step1':
        return answerStep1(peer, message.stateVector);
      case 'update':
        return judgeUpdate(peer, message.update);
      case 'awareness':
        return takeAwareness(peer, message.update);
      case 'query-awareness':
        return presence.show(peer);
      case 'unknown':
        return;
    }
  };

  return {
    welcome: (peer) => {
      const live = deps.live();
      if (live === null) return sendAway(peer);
      // who may only read is not asked what it has
      if (peer.canWrite) peers.send(peer, prepareFrame(encodeStep1(live.stateVector())));
      presence.show(peer);
      deps.onReceived();
    },
    receive: (peer, frame) => {
      if (frame.length > MAX_DOC_FRAME_BYTES) {
        deps.onRefused('PAYLOAD_TOO_LARGE');
        return peer.socket.close(CLOSE.tooLarge, `a frame has at most ${MAX_DOC_FRAME_BYTES} bytes`);
      }
      const message = decodeDocFrame(frame);
      if (message.ok) handle(peer, message.value);
      else refuse(peer, message.error.message);
    },
    farewell: presence.leave,
  };
};
