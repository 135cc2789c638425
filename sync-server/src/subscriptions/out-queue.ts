import type { Timer, Timers } from '@baton/schema/ports';

/** Where messages go; a WebSocket or an event stream. */
export interface LiveSink {
  readonly send: (text: string) => void;
  /** Bytes that the network has not taken yet. */
  readonly bufferedAmount: () => number;
  readonly onDrain: (listener: () => void) => void;
  readonly close: (code: number, reason: string) => void;
}

export interface OutQueue {
  /** False: the queue was full; everything in it is dropped, and `onOverflow` is called. */
  readonly push: (text: string) => boolean;
  /** There is room for more than what must be said. */
  readonly hasRoom: () => boolean;
  /** Waiting, in characters. */
  readonly size: () => number;
  readonly stop: () => void;
}

/** Handed to the network at most so far ahead. */
const AHEAD_BYTES = 256 * 1024;
const MAX_QUEUED_BYTES = 1024 * 1024;
const LOOK_MS = 50;

/** Messages of one connection on their way out: bounded in bytes, in the order in which they were said. */
export const createOutQueue = (
  sink: LiveSink,
  timers: Timers,
  hooks: { readonly onOverflow: () => void; readonly onRoom: () => void; readonly onStuck: () => void },
  stuckMs: number,
): OutQueue => {
  let queued: string[] = [];
  let bytes = 0;
  let stopped = false;
  let looking: Timer | null = null;
  let stuckSince: number | null = null;
  /** Something waits for room: else nobody need look when the network has taken what it was given. */
  let isWanted = false;

  const isTaken = (): boolean => sink.bufferedAmount() < AHEAD_BYTES;

  const flush = (): void => {
    let sent = 0;
    while (sent < queued.length && isTaken()) {
      const text = queued[sent] ?? '';
      bytes -= text.length;
      sent++;
      sink.send(text);
    }
    queued = queued.slice(sent);
    if (sent > 0) stuckSince = null;
  };

  const look = (): void => {
    looking = null;
    if (stopped) return;
    flush();
    if (queued.length === 0 && isTaken()) {
      stuckSince = null;
      isWanted = false;
      return hooks.onRoom();
    }
    stuckSince ??= timers.mono();
    if (timers.mono() - stuckSince >= stuckMs) return hooks.onStuck();
    lookLater();
  };

  const lookLater = (): void => {
    isWanted = true;
    looking ??= timers.after(LOOK_MS, look);
  };

  sink.onDrain(() => {
    if (isWanted) look();
  });
  return {
    push: (text) => {
      if (stopped) return true;
      queued.push(text);
      bytes += text.length;
      flush();
      if (bytes > MAX_QUEUED_BYTES) {
        queued = [];
        bytes = 0;
        lookLater();
        hooks.onOverflow();
        return false;
      }
      if (queued.length > 0) lookLater();
      return true;
    },
    hasRoom: () => {
      const has = queued.length === 0 && isTaken();
      if (!has) lookLater();
      return has;
    },
    size: () => bytes,
    stop: () => {
      stopped = true;
      looking?.clear();
      queued = [];
      bytes = 0;
    },
  };
};
