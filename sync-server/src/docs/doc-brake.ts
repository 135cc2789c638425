import type { Timer, Timers } from '@baton/schema/ports';
import { CLOSE, DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { debtMs, fullBucket, type Rate, takeFrom } from './token-bucket.ts';

/** What one connection may send. */
export interface SendLimits {
  readonly messages: Rate;
  readonly bytes: Rate;
}

/** Limits as somebody sets them, each for a second; a burst is some seconds' worth. */
export const sendLimitsOf = (messagesPerSecond: number, bytesPerSecond: number): SendLimits => ({
  messages: { perSecond: messagesPerSecond, burst: 5 * messagesPerSecond },
  bytes: { perSecond: bytesPerSecond, burst: 8 * bytesPerSecond },
});

/** A connection that owes more than this has not been sending what a person or an import sends. */
const MAX_DEBT_MS = 30_000;

/** A state of somebody goes to all editors, the answer to a step 1 may be the whole document: they count for more. */
const AWARENESS_COST = 10;
const STEP1_COST = 20;

const costOf = (frame: string | Uint8Array): number => {
  if (frame[0] === DOC_MESSAGE.awareness || frame[0] === DOC_MESSAGE.queryAwareness) return AWARENESS_COST;
  return frame[0] === DOC_MESSAGE.sync && frame[1] === SYNC_MESSAGE.step1 ? STEP1_COST : 1;
};

export interface DocBrake {
  /** Counts a frame; false when the connection was closed for it. */
  readonly take: (frame: string | Uint8Array) => boolean;
  /** The connection is gone. */
  readonly release: () => void;
}

/**
 * Slows a connection down that sends more than it may: nothing is read from it until its debt is paid, so TCP holds the
 * peer back and nothing is lost. What had been read by then is still taken. Only who owes absurdly much is closed.
 */
export const createDocBrake = (
  socket: Pick<PeerSocket, 'close' | 'pause' | 'resume'>,
  limits: SendLimits,
  timers: Timers,
): DocBrake => {
  let messages = fullBucket(limits.messages, timers.mono());
  let bytes = fullBucket(limits.bytes, timers.mono());
  let pausing: Timer | null = null;

  const release = (): void => {
    pausing?.clear();
    pausing = null;
  };

  const owed = (): number => Math.max(debtMs(messages, limits.messages), debtMs(bytes, limits.bytes));

  const refill = (): void => {
    const now = timers.mono();
    messages = takeFrom(messages, limits.messages, 0, now);
    bytes = takeFrom(bytes, limits.bytes, 0, now);
  };

  const pause = (ms: number): void => {
    if (pausing !== null) return;
    socket.pause?.();
    pausing = timers.after(Math.ceil(ms), () => {
      pausing = null;
      refill();
      const more = owed();
      if (more > 0) pause(more);
      else socket.resume?.();
    });
  };

  return {
    take: (frame) => {
      const now = timers.mono();
      messages = takeFrom(messages, limits.messages, costOf(frame), now);
      bytes = takeFrom(bytes, limits.bytes, frame.length, now);
      const debt = owed();
      if (debt > MAX_DEBT_MS) {
        socket.close(CLOSE.rate, 'far more was sent than a connection may send: slow down');
        return false;
      }
      if (debt > 0) pause(debt);
      return true;
    },
    release,
  };
};
