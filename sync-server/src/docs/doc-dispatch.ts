import { type Refusal, refusal } from '@baton/schema/errors';
import type { Timers } from '@baton/schema/ports';
import { CLOSE, MAX_DOC_FRAME_BYTES } from '@baton/schema/protocol';
import { prepareFrame } from '../transport/prepared-frame.ts';
import { askerFields } from '../watching/asker.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import { createAuthors } from './authors.ts';
import type { Answer } from './doc-answers.ts';
import type { DocPeer, DocPeers } from './doc-peers.ts';
import { createDocPresence } from './doc-presence.ts';
import { type DocMessage, decodeDocFrame, encodePermissionDenied } from './frames.ts';
import { readStateVector } from './gate/state-vector.ts';
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
  readonly onRefused: OnRefusal;
  readonly afterTurn: (run: () => void) => void;
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
  const presence = createDocPresence(deps);
  /** Those whose answer is being encoded, with the way to give it up. */
  const answering = new Map<DocPeer, () => void>();

  const stopAnswering = (peer: DocPeer): void => {
    answering.get(peer)?.();
    answering.delete(peer);
  };

  const refuse = (peer: DocPeer, message: string): void => {
    deps.onRefused('PROTOCOL_ERROR', askerFields(peer.grant));
    peer.socket.close(CLOSE.badFrame, message);
  };

  const sendAway = (peer: DocPeer): void =>
    peer.socket.close(CLOSE.tryLater, 'the document is being read again; come back and sync');

  const ask = (peer: DocPeer): void => {
    const live = deps.live();
    if (live !== null) peers.send(peer, live.step1());
  };

  const sendBack = (peer: DocPeer, message: string): void => {
    deps.onRefused('CONFLICT', askerFields(peer.grant));
    peer.socket.close(CLOSE.tryLater, message);
  };

  const authors = createAuthors();
  const intake = createIntake({ ...deps, authors, ask, refuse, sendBack, onTaken: deps.onReceived });

  const denyUpdate = (peer: DocPeer, update: Uint8Array, { code, message }: Refusal): void => {
    // a stock client answers step 1 even when it has nothing new: no structs, no deletes
    const empty = update.length === 2 && update[0] === 0 && update[1] === 0;
    if (peer.denied || empty) return;
    peer.denied = true;
    deps.onRefused(code, askerFields(peer.grant));
    peers.send(peer, prepareFrame(encodePermissionDenied(message)));
  };

  const judgeUpdate = (peer: DocPeer, kind: 'answer' | 'update', update: Uint8Array): void => {
    if (deps.live() === null) return sendAway(peer);
    const denied = peer.canWrite ? peer.refuseWrite() : READ_ONLY;
    if (denied === null) return intake.take(peer, kind, update);
    if (kind === 'answer') intake.missed(peer);
    denyUpdate(peer, update, denied);
  };

  const give = (peer: DocPeer, answer: Answer): void => {
    const bytes = answer.reduce((sum, frame) => sum + frame.bytes, 0);
    peer.allowance = Math.max(peer.allowance, bytes);
    for (const frame of answer) peers.send(peer, frame);
    // the one cut: what the answer holds is not sent again, and what it lacks is
    peers.follow(peer);
  };

  const answerStep1 = (peer: DocPeer, stateVector: Uint8Array): void => {
    const live = deps.live();
    if (live === null) return sendAway(peer);
    const known = readStateVector(stateVector);
    if (!known.ok) return refuse(peer, known.error);
    stopAnswering(peer); // who asks again has no less than before
    const giveUp = live.answer(known.value, (answer) => {
      answering.delete(peer);
      // of a document that is read again, everybody has been sent away
      if (deps.live() === live) give(peer, answer);
    });
    if (giveUp !== null) answering.set(peer, giveUp);
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
        return judgeUpdate(peer, message.kind, message.update);
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
      if (peer.canWrite) {
        intake.asked(peer);
        ask(peer);
      }
      presence.show(peer);
      deps.onReceived();
    },
    receive: (peer, frame) => {
      if (frame.length > MAX_DOC_FRAME_BYTES) {
        deps.onRefused('PAYLOAD_TOO_LARGE', askerFields(peer.grant));
        return peer.socket.close(CLOSE.tooLarge, `a frame has at most ${MAX_DOC_FRAME_BYTES} bytes`);
      }
      const message = decodeDocFrame(frame);
      if (message.ok) handle(peer, message.value);
      else refuse(peer, message.error.message);
    },
    farewell: (peer) => {
      stopAnswering(peer);
      intake.forget(peer);
      presence.leave(peer);
    },
    isIdle: intake.isIdle,
  };
};
