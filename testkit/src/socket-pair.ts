import { ABNORMAL_CLOSE, type OpenSocket, type SocketEvents, type SocketTarget } from '@baton/client-core';

export type Frame = string | Uint8Array;
export type Direction = 'up' | 'down';

/** The far end of a connection, played by the test. */
export interface FarEnd {
  readonly onFrame?: (frame: Frame) => void;
  /** The client closed, or the link broke. */
  readonly onEnd?: (code: number) => void;
}

/** One connection: two queues and a test that decides what arrives when. Order within a direction holds, as on TCP. */
export interface SocketPair {
  readonly target: SocketTarget;
  /** Every frame that has reached the far end, in order. */
  readonly arrived: readonly Frame[];
  /** Queues the opening of the socket; nothing can be sent up before it was delivered. */
  readonly accept: () => void;
  /** Queues a frame for the client; objects go as JSON text. */
  readonly send: (frame: Frame | object) => void;
  /** Queues a close by the far end, behind what it has sent. */
  readonly close: (code: number, reason?: string) => void;
  /** Breaks the link: what is queued either way is lost, the client sees 1006 at once. */
  readonly cut: () => void;
  /** Breaks the link without telling the client: a half-open connection. */
  readonly vanish: () => void;
  /** While stalled, a direction queues and delivers nothing. */
  readonly stall: (direction: Direction, stalled: boolean) => void;
  /** Delivers the oldest entry of a direction; false when there is none or it is stalled. */
  readonly deliver: (direction: Direction) => boolean;
  readonly isOpen: () => boolean;
  /** Frames that wait in a direction. */
  readonly waiting: (direction: Direction) => number;
}

type Entry =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'open' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string };

interface PairState {
  open: boolean;
  /** Nothing can happen any more. */
  over: boolean;
  readonly queues: Record<Direction, Entry[]>;
  readonly stalled: Record<Direction, boolean>;
}

const sizeOf = (entry: Entry): number => {
  if (entry.type !== 'frame') return 0;
  return typeof entry.frame === 'string' ? Buffer.byteLength(entry.frame) : entry.frame.length;
};

const createPair = (target: SocketTarget, events: SocketEvents, farEnd: (pair: SocketPair) => FarEnd) => {
  const state: PairState = {
    open: false,
    over: false,
    queues: { up: [], down: [] },
    stalled: { up: false, down: false },
  };
  const arrived: Frame[] = [];

  const finish = (): void => {
    state.open = false;
    state.over = true;
    state.queues.up.length = 0;
    state.queues.down.length = 0;
  };

  const end = (code: number, reason: string, tellFar: boolean): void => {
    if (state.over) return;
    finish();
    if (tellFar) far.onEnd?.(code);
    events.onClose({ code, reason });
  };

  const arriveUp = (entry: Entry): void => {
    if (entry.type === 'close') end(entry.code, entry.reason, true);
    if (entry.type !== 'frame') return;
    arrived.push(entry.frame);
    far.onFrame?.(entry.frame);
  };

  const arriveDown = (entry: Entry): void => {
    if (entry.type === 'close') end(entry.code, entry.reason, false);
    else if (entry.type === 'frame') events.onMessage(entry.frame);
    else {
      state.open = true;
      events.onOpen();
    }
  };

  const queue = (direction: Direction, entry: Entry): void => {
    if (!state.over) state.queues[direction].push(entry);
  };

  const pair: SocketPair = {
    target,
    arrived,
    accept: () => queue('down', { type: 'open' }),
    send: (frame) =>
      queue('down', {
        type: 'frame',
        frame: typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame),
      }),
    close: (code, reason = '') => queue('down', { type: 'close', code, reason }),
    cut: () => end(ABNORMAL_CLOSE, 'the link was cut', true),
    vanish: () => {
      if (state.over) return;
      far.onEnd?.(ABNORMAL_CLOSE);
      finish();
    },
    stall: (direction, stalled) => {
      state.stalled[direction] = stalled;
    },
    deliver: (direction) => {
      if (state.over || state.stalled[direction]) return false;
      const entry = state.queues[direction].shift();
      if (entry === undefined) return false;
      if (direction === 'up') arriveUp(entry);
      else arriveDown(entry);
      return true;
    },
    isOpen: () => state.open && !state.over,
    waiting: (direction) => state.queues[direction].length,
  };
  const far = farEnd(pair);

  const socket = {
    send: (frame: Frame): void => {
      if (state.open) queue('up', { type: 'frame', frame });
    },
    close: (code: number, reason: string): void => {
      queue('up', { type: 'close', code, reason });
    },
    bufferedAmount: (): number => state.queues.up.reduce((sum, entry) => sum + sizeOf(entry), 0),
  };
  return { pair, socket };
};

export interface SocketNetwork {
  /** The port to hand to the code under test. */
  readonly openSocket: OpenSocket;
  /** Every connection that was opened, in order. */
  readonly pairs: readonly SocketPair[];
  /** The newest connection; throws when there is none. */
  readonly latest: () => SocketPair;
  /** Delivers everything that is not stalled, also what that causes; how much it was. Throws after 100,000 rounds: a loop. */
  readonly flush: () => number;
}

/**
 * WebSockets in memory: nothing moves until the test says so.
 * @param onConnect plays the far end of each connection; by default nobody answers
 */
export const createSocketNetwork = (onConnect: (pair: SocketPair) => FarEnd = () => ({})): SocketNetwork => {
  const pairs: SocketPair[] = [];
  const deliverRound = (): number => {
    let moved = 0;
    for (const pair of pairs) {
      if (pair.deliver('down')) moved += 1;
      if (pair.deliver('up')) moved += 1;
    }
    return moved;
  };
  return {
    openSocket: (target, events) => {
      const { pair, socket } = createPair(target, events, onConnect);
      pairs.push(pair);
      return socket;
    },
    pairs,
    latest: () => {
      const pair = pairs.at(-1);
      if (pair === undefined) throw new Error('nobody has connected yet');
      return pair;
    },
    flush: () => {
      let delivered = 0;
      for (let round = 0; round < 100_000; round++) {
        const moved = deliverRound();
        if (moved === 0) return delivered;
        delivered += moved;
      }
      throw new Error('frames without end');
    },
  };
};
