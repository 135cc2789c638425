import type { Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { WireSocket } from '../transport/peer-socket.ts';
import { type PreparedFrame, prepareText } from '../transport/prepared-frame.ts';
import { createPasses, type PassesDeps, type PassLimits } from '../work/passes.ts';
import { createFrameLog } from './frame-log.ts';
import { createSlowLane, type SlowLimits } from './slow-lane.ts';

/** Sends the same frames to many sockets, without holding up anybody else. */
export interface FanOut {
  /** The socket gets `first` now, and each frame that is pushed after this call. */
  readonly join: (socket: WireSocket, first: PreparedFrame) => void;
  readonly leave: (socket: WireSocket) => void;
  /** To all who have joined. `asked`: it is as long as it must be, and nobody is slow for not having drained it. */
  readonly push: (frame: PreparedFrame, asked?: boolean) => void;
  /** Closes everybody once they were given what was pushed before. */
  readonly finish: (code: number, reason: string) => void;
  readonly has: (socket: WireSocket) => boolean;
  /** Those who do not drain, and are sent nothing before they have. */
  readonly behind: () => number;
  /** Bytes of frames that somebody still has to be given. */
  readonly bytes: () => number;
  readonly stop: () => void;
}

export interface FanOutDeps extends PassesDeps {
  readonly timers: Timers;
}

export interface FanOutLimits extends PassLimits, SlowLimits {
  /** Undrained beyond what the spectator had to be sent at once: beyond this it is left alone until it has drained. */
  readonly behindBytes: number;
  /** Frames waiting for a pass; beyond this everybody is told to refetch instead. */
  readonly logBytes: number;
}

export const FAN_OUT_LIMITS: FanOutLimits = {
  turnVisits: 250,
  turnMs: 3,
  behindBytes: 64 * 1024,
  giveUpMs: 20_000,
  lookMs: 250,
  logBytes: 8 * 1024 * 1024,
};

/** Tells a spectator to drop what it holds and fetch it anew. */
export const REFRESH: PreparedFrame = prepareText('{"type":"refresh"}');

interface Listener {
  readonly socket: WireSocket;
  /** Number of the next frame that it is to get. */
  next: number;
  /** Undrained bytes that are no sign of slowness. */
  asked: number;
}

/**
 * Every frame is encoded once and numbered; each socket has its place among the numbers. A pass gives every socket all that it
 * lacks in one write, some hundred sockets a turn, so that acks and other clients are never held up; what is pushed meanwhile is for
 * the next pass, and costs a socket no more writes than one frame. Whoever does not drain is skipped, told `refresh` once
 * it has, and closed when it never does: nothing is kept for it.
 */
export const createFanOut = (deps: FanOutDeps, limits: FanOutLimits = FAN_OUT_LIMITS): FanOut => {
  const listeners = new Map<WireSocket, Listener>();
  const log = createFrameLog();
  /** Bytes of the log that are as long as they must be. */
  let askedBytes = 0;
  /** Where the log ended when the present pass began: everybody has what is before it when it ends. */
  let passEnd = 0;
  let ending: { readonly code: number; readonly reason: string } | null = null;

  const slow = createSlowLane<Listener>(deps.timers, limits, {
    drained: (listener) => {
      // what it fetches now is at least as new as the last frame that it is not given
      listener.next = log.end();
      listener.asked = 0;
      listener.socket.sendWire(REFRESH.wire);
      end(listener);
    },
    givenUp: ({ socket }) => {
      leave(socket);
      socket.close(CLOSE.tooSlow, 'the connection is too slow for these results');
    },
  });

  const leave = (socket: WireSocket): void => {
    const listener = listeners.get(socket);
    if (listener !== undefined) slow.remove(listener);
    listeners.delete(socket);
  };

  const end = ({ socket }: Listener): void => {
    if (ending === null) return;
    leave(socket);
    socket.close(ending.code, ending.reason);
  };

  const give = (listener: Listener): void => {
    const buffered = listener.socket.bufferedAmount();
    if (buffered === 0) listener.asked = 0;
    if (buffered > listener.asked + limits.behindBytes) return slow.add(listener);
    listener.socket.sendWire(log.since(listener.next));
    listener.next = log.end();
    listener.asked += askedBytes;
  };

  const passes = createPasses<Listener>(deps, limits, {
    all: () => {
      passEnd = log.end();
      return listeners.values();
    },
    visit: (listener) => {
      if (slow.has(listener)) return;
      if (listener.next < log.end()) give(listener);
      if (!slow.has(listener)) end(listener);
    },
    onEnd: () => {
      log.dropBefore(passEnd);
      const isMore = log.end() > passEnd;
      if (!isMore) askedBytes = 0;
      // who was passed before `finish` was called is still there
      return isMore || (ending !== null && listeners.size > slow.size());
    },
  });

  return {
    join: (socket, first) => {
      listeners.set(socket, { socket, next: log.end(), asked: first.bytes });
      socket.sendWire(first.wire);
      if (ending !== null) passes.start();
    },
    leave,
    push: (frame, asked = false) => {
      if (listeners.size === 0) return;
      const isTooMuch = log.bytes() > limits.logBytes;
      if (isTooMuch) log.dropBefore(log.end());
      log.push(isTooMuch ? REFRESH : frame);
      if (asked) askedBytes += frame.bytes;
      passes.start();
    },
    finish: (code, reason) => {
      ending = { code, reason };
      passes.start();
    },
    has: (socket) => listeners.has(socket),
    behind: slow.size,
    bytes: log.bytes,
    stop: () => {
      slow.stop();
      listeners.clear();
    },
  };
};
