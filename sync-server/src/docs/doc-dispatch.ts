import { type Refusal, refusal } from '@baton/schema/errors';
import type { Timers } from '@baton/schema/ports';
import { CLOSE, MAX_DOC_FRAME_BYTES } from '@baton/schema/protocol';
import { createAuthors } from './authors.ts';
import { type AwarenessEntry, createAwarenessTable, decodeAwareness, encodeAwareness } from './awareness.ts';
import type { DocPeer, DocPeers } from './doc-peers.ts';
import {
  type DocMessage,
  decodeDocFrame,
  encodeAwarenessFrame,
  encodePermissionDenied,
  encodeStep1,
  encodeStep2,
} from './frames.ts';
import { checkStateVector } from './gate/state-vector.ts';
import type { WorkTurns } from './gate/work-turns.ts';
import { createIntake } from './intake.ts';
import type { LiveDoc } from './live-doc.ts';

export interface DocDispatchDeps {
  readonly peers: DocPeers;
  readonly turns: WorkTurns;
  readonly timers: Pick<Timers, 'mono'>;
  /** The document as it is now; null while it is read again. */
  readonly live: () => LiveDoc | null;
  /** A frame was refused; for the counters. */
  readonly onRefused: (code: Refusal['code']) => void;
  /** An update was taken, whether or not it was news. */
  readonly onReceived: () => void;
}

/** What the frames of a document's peers mean. */
export interface DocDispatch {
  readonly welcome: (peer: DocPeer) => void;
  readonly receive: (peer: DocPeer, frame: string | Uint8Array) => void;
  readonly farewell: (peer: DocPeer) => void;
  /** No update is on its way into the document. */
  readonly isIdle: () => boolean;
}

const READ_ONLY = refusal('FORBIDDEN', 'this token may read the document, not change it');

export const createDocDispatch = (deps: DocDispatchDeps): DocDispatch => {
  const { peers } = deps;
  const awareness = createAwarenessTable<DocPeer>();

  const refuse = (peer: DocPeer, message: string): void => {
    deps.onRefused('PROTOCOL_ERROR');
    peer.socket.close(CLOSE.badFrame, message);
  };

  const sendAway = (peer: DocPeer): void =>
    peer.socket.close(CLOSE.tryLater, 'the document is being read again; come back and sync');

  const ask = (peer: DocPeer): void => {
    const live = deps.live();
    if (live !== null) peers.send(peer, encodeStep1(live.stateVector()));
  };

  const sendBack = (peer: DocPeer, message: string): void => {
    deps.onRefused('CONFLICT');
    peer.socket.close(CLOSE.tryLater, message);
  };

  const authors = createAuthors();
  const intake = createIntake({ ...deps, authors, ask, refuse, sendBack, onTaken: deps.onReceived });

  const denyUpdate = (peer: DocPeer, update: Uint8Array, { code, message }: Refusal): void => {
    // a stock client answers step 1 even when it has nothing new: no structs, no deletes
    const empty = update.length === 2 && update[0] === 0 && update[1] === 0;
    if (peer.denied || empty) return;
    peer.denied = true;
    deps.onRefused(code);
    peers.send(peer, encodePermissionDenied(message));
  };

  const judgeUpdate = (peer: DocPeer, kind: 'answer' | 'update', update: Uint8Array): void => {
    if (deps.live() === null) return sendAway(peer);
    const denied = peer.canWrite ? peer.refuseWrite() : READ_ONLY;
    if (denied === null) return intake.take(peer, kind, update);
    if (kind === 'answer') intake.missed(peer);
    denyUpdate(peer, update, denied);
  };

  const answerStep1 = (peer: DocPeer, stateVector: Uint8Array): void => {
    const live = deps.live();
    if (live === null) return sendAway(peer);
    const flaw = checkStateVector(stateVector);
    if (flaw !== null) return refuse(peer, flaw);
    const diff = live.diff(stateVector);
    if (!diff.ok) return refuse(peer, diff.error.message);
    const frame = encodeStep2(diff.value);
    peers.send(peer, frame);
    peer.allowance = Math.max(peer.allowance, frame.length);
  };

  const tellEditors = (entries: readonly AwarenessEntry[], except: DocPeer): void => {
    if (entries.length === 0) return;
    const frame = encodeAwarenessFrame(encodeAwareness(entries));
    peers.broadcast(frame, (peer) => peer.canWrite && peer !== except);
  };

  const takeAwareness = (peer: DocPeer, update: Uint8Array): void => {
    if (!peer.canWrite) return;
    const entries = decodeAwareness(update);
    if (entries.ok) tellEditors(awareness.take(peer, entries.value), peer);
    else refuse(peer, entries.error.message);
  };

  const showAwareness = (peer: DocPeer): void => {
    const present = peer.canWrite ? awareness.present() : [];
    if (present.length > 0) peers.send(peer, encodeAwarenessFrame(encodeAwareness(present)));
  };

  const handle = (peer: DocPeer, message: DocMessage): void => {
    switch (message.type) {
      case 'step1':
        return answerStep1(peer, message.stateVector);
      case 'update':
        return judgeUpdate(peer, message.kind, message.update);
      case 'awareness':
        return takeAwareness(peer, message.update);
      case 'query-awareness':
        return showAwareness(peer);
      case 'unknown':
        return;
    }
  };

  return {
    welcome: (peer) => {
      const live = deps.live();
      if (live === null) return sendAway(peer);
      // who may only read is not asked what it has
      if (peer.canWrite) {
        intake.asked(peer);
        ask(peer);
      }
      showAwareness(peer);
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
    farewell: (peer) => {
      intake.forget(peer);
      tellEditors(awareness.leave(peer), peer);
    },
    isIdle: intake.isIdle,
  };
};
