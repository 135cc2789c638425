import { CLOSE, MAX_DOC_FRAME_BYTES } from '@baton/schema/protocol';
import type { PeerSocket } from '../transport/peer-socket.ts';
import type { DocBrake } from './doc-brake.ts';

/** Where a joining connection's frames go. */
export interface JoinTarget {
  readonly receive: (frame: string | Uint8Array) => void;
  readonly leave: () => void;
}

export interface Joining {
  /** The document is there: what came meanwhile is handed over, then what comes. */
  readonly arrive: (target: JoinTarget) => void;
  readonly hasLeft: () => boolean;
}

const MAX_FRAMES = 64;
const MAX_BYTES = MAX_DOC_FRAME_BYTES + 64 * 1024;

/** Keeps the frames (bounded) of a connection whose document is still being loaded; `onLeft` once it is closed. */
export const startJoining = (socket: PeerSocket, brake: DocBrake, onLeft: () => void): Joining => {
  let frames: (string | Uint8Array)[] = [];
  let bytes = 0;
  let target: JoinTarget | null = null;
  let left = false;

  socket.onClose(() => {
    left = true;
    frames = [];
    brake.release();
    target?.leave();
    target = null;
    onLeft();
  });
  socket.onMessage((frame) => {
    if (left || !brake.take(frame)) return;
    if (target !== null) return target.receive(frame);
    bytes += frame.length;
    if (frames.length < MAX_FRAMES && bytes <= MAX_BYTES) frames.push(frame);
    else socket.close(CLOSE.tryLater, 'the document is not loaded yet; send less until it is');
  });

  return {
    arrive: (to) => {
      target = to;
      const waiting = frames;
      frames = [];
      for (const frame of waiting) if (!left) to.receive(frame);
    },
    hasLeft: () => left,
  };
};
