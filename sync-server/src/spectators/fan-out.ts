import type { Timer, Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { type PreparedFrame, prepareText } from '../transport/prepared-frame.ts';
import { createFrameLog } from './frame-log.ts';

/** Sends the same frames to many sockets, without holding up anybody else. */
export interface FanOut {
  /** The socket gets `first` now, and each frame that is pushed after this call. */
  readonly join: (socket: PeerSocket, first: PreparedFrame) => void;
  readonly leave: (socket: PeerSocket) => void;
  /** To all who have joined. `asked`: it is as long as it must be, and nobody is slow for not having drained it. */
  readonly push: (frame: PreparedFrame, asked?: boolean) => void;
  /** Closes everybody once they were given what was pushed before. */
  readonly finish: (code: number, reason: string) => void;
  readonly has: (socket: PeerSocket) => boolean;
  /** Those who do not drain, and are sent nothing before they have. */
  readonly behind: () => number;
  /** Bytes of frames that somebody still has to be given. */
  readonly bytes: () => number;
  readonly stop: () => void;
}

export interface FanOutDeps {
  readonly timers: Timers;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
}

export interface FanOutLimits {
  /** Sockets written to in one turn of the event loop, and the time that a turn has for it. */
  readonly turnSockets: number;
  readonly turnMs: number;
  /** Undrained beyond what the spectator had to be sent at once: beyond this it is left alone until it has drained. */
  readonly behindBytes: number;
  /** Who has not drained after so long is closed. */
  readonly behindMs: number;
  /** How often those are looked at. */
  readonly lookMs: number;
  /** Frames waiting for the slowest turn of all; beyond this everybody is told to refetch instead. */
  readonly logBytes: number;
}

export const FAN_OUT_LIMITS: FanOutLimits = {
  turnSockets: 250,
  turnMs: 3,
  behindBytes: 64 * 1024,
  behindMs: 20_000,
  lookMs: 250,
  logBytes: 8 * 1024 * 1024,
};

/** Clocks are looked at once for so many sockets. */
const LOOK_SOCKETS = 16;

/** Tells a spectator to drop what it holds and fetch it anew. */
export const REFRESH: PreparedFrame = prepareText('{"type":"refresh"}');

interface Listener {
  readonly socket: PeerSocket;
  /** Number of the next frame that it is to get. */
  next: number;
  /** Undrained bytes that are no sign of slowness. */
  asked: number;
  /** Since when it has been left alone; null: it keeps up. */
  behindSince: number | null;
}

/**
 * Every frame is encoded once and numbered; each socket has its place among the numbers. A pass gives every socket all that it
 * lacks in one write, some hundred sockets a turn, so that acks and other clients are never held up; what is pushed meanwhile is for
 * the next pass, and costs a socket no more writes than one frame. Whoever does not drain is skipped, told `refresh` once
 * it has, and closed when it never does: nothing is kept for it.
 */
export const createFanOut = (deps: FanOutDeps, limits: FanOutLimits = FAN_OUT_LIMITS): FanOut => {
  const { timers, afterTurn } = deps;
  const listeners = new Map<PeerSocket, Listener>();
  const slow = new Set<Listener>();
  const log = createFrameLog();
  let askedBytes = 0;
  let pass: Iterator<Listener> | null = null;
  let passEnd = 0;
  let looking: Timer | null = null;
  let ending: { readonly code: number; readonly reason: string } | null = null;

  const leave = (socket: PeerSocket): void => {
    const listener = listeners.get(socket);
    if (listener === undefined) return;
    listeners.delete(socket);
    slow.delete(listener);
    stopLooking();
  };

  const stopLooking = (): void => {
    if (slow.size > 0) return;
    looking?.clear();
    looking = null;
  };

  const write = (socket: PeerSocket, pieces: readonly Uint8Array[]): void => {
    if (socket.sendWire !== undefined) socket.sendWire(pieces);
    else for (const piece of pieces) socket.send(piece);
  };

  const leaveAlone = (listener: Listener): void => {
    listener.behindSince = timers.mono();
    slow.add(listener);
    looking ??= timers.every(limits.lookMs, lookAtSlow);
  };

  const lookAtSlow = (): void => {
    for (const listener of [...slow]) {
      if (listener.socket.bufferedAmount() === 0) {
        slow.delete(listener);
        listener.behindSince = null;
        listener.asked = 0;
        // whatever it fetches now is at least as new as the last frame that it is not given
        listener.next = log.end();
        write(listener.socket, [REFRESH.wire]);
        if (ending !== null) end(listener);
      } else if (timers.mono() - (listener.behindSince ?? 0) >= limits.behindMs) {
        leave(listener.socket);
        listener.socket.close(CLOSE.tooSlow, 'the connection is too slow for these results');
      }
    }
    stopLooking();
  };

  const end = ({ socket }: Listener): void => {
    if (ending === null) return;
    leave(socket);
    socket.close(ending.code, ending.reason);
  };

  const give = (listener: Listener): void => {
    if (listener.behindSince !== null) return;
    const { socket } = listener;
    if (listener.next < log.end()) {
      const buffered = socket.bufferedAmount();
      if (buffered === 0) listener.asked = 0;
      if (buffered > listener.asked + limits.behindBytes) return leaveAlone(listener);
      write(socket, log.since(listener.next));
      listener.next = log.end();
      listener.asked += askedBytes;
    }
    if (ending !== null) end(listener);
  };

  const turn = (): void => {
    const until = timers.mono() + limits.turnMs;
    for (let count = 1; count <= limits.turnSockets; count++) {
      const step = pass?.next();
      if (step === undefined || step.done === true) return endPass();
      give(step.value);
      if (count % LOOK_SOCKETS === 0 && timers.mono() >= until) break;
    }
    afterTurn(turn);
  };

  const endPass = (): void => {
    log.dropBefore(passEnd);
    pass = null;
    // who was passed before `finish` was called is still there
    const isLeft = ending !== null && listeners.size > slow.size;
    if (log.end() > passEnd || isLeft) startPass();
    else askedBytes = 0;
  };

  const startPass = (): void => {
    if (pass !== null) return;
    pass = listeners.values();
    passEnd = log.end();
    afterTurn(turn);
  };

  const push = (frame: PreparedFrame, asked = false): void => {
    if (listeners.size === 0) return;
    const isTooMuch = log.bytes() > limits.logBytes;
    if (isTooMuch) log.dropBefore(log.end());
    log.push(isTooMuch ? REFRESH : frame);
    if (asked) askedBytes += frame.wire.length;
    startPass();
  };

  return {
    join: (socket, first) => {
      const listener: Listener = { socket, next: log.end(), asked: first.wire.length, behindSince: null };
      listeners.set(socket, listener);
      write(socket, [first.wire]);
      if (ending !== null) startPass();
    },
    leave,
    push,
    finish: (code, reason) => {
      ending = { code, reason };
      startPass();
    },
    has: (socket) => listeners.has(socket),
    behind: () => slow.size,
    bytes: log.bytes,
    stop: () => {
      looking?.clear();
      looking = null;
      listeners.clear();
      slow.clear();
    },
  };
};
