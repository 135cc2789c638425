import type { Timer, Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { Unsent } from '../transport/connections.ts';
import type { ProbedSocket } from '../transport/peer-socket.ts';
import type { PreparedFrame } from '../transport/prepared-frame.ts';
import { createFanOut, type FanOut, type FanOutDeps, REFRESH } from './fan-out.ts';
import { type ProbeTimes, startProbe } from './presence-probe.ts';

/** Gives the first message, made of everything that has been pushed by then; what is pushed later comes behind it. */
export type GiveFirst = (take: (frame: PreparedFrame) => void) => Promise<void>;

/** The spectators of one event. */
export interface Room {
  /** Takes a spectator; it gets the whole state first, as soon as that is known. */
  readonly join: (socket: ProbedSocket, giveFirst: GiveFirst) => void;
  readonly push: FanOut['push'];
  readonly size: () => number;
  /** Spectators who do not drain, and bytes of frames that somebody still has to be given. */
  readonly backlog: () => Unsent;
  /** Results are official: what was pushed before is the last that comes, and after the grace it is over. */
  readonly official: () => void;
  /** The event is nobody's to see any more: everybody is closed, and told before to drop what they hold. */
  readonly hide: () => void;
  readonly close: (code: number, reason: string) => void;
}

export interface RoomOptions extends ProbeTimes {
  /** How long spectators stay after the last message of an official event. */
  readonly graceMs: number;
}

export interface RoomDeps extends FanOutDeps {
  /** Something threw: it is a defect. */
  readonly onDefect: (error: unknown) => void;
}

/** What a spectator may send between two pings; it is ignored, and costs the relay all the same. */
const MAX_MESSAGES = 1000;

const HIDDEN = 'there is no such event';
export const OFFICIAL_REASON = 'Event results are official';

/** Counts what comes from a peer that has nothing to say. */
const countMessages = (socket: ProbedSocket, timers: Timers, everyMs: number): Timer => {
  let messages = 0;
  socket.onMessage(() => {
    messages++;
    if (messages > MAX_MESSAGES) socket.close(CLOSE.rate, 'spectators listen; this connection sends too much');
  });
  return timers.every(everyMs, () => {
    messages = 0;
  });
};

export const createRoom = (deps: RoomDeps, options: RoomOptions): Room => {
  const { timers } = deps;
  /** Everybody who is counted, and how to forget them. */
  const present = new Map<ProbedSocket, () => void>();
  const fanOut = createFanOut(deps);
  let grace: Timer | null = null;

  /** Those who have not even got the first message by now. */
  const closeUnwelcomed = (code: number, reason: string): void => {
    for (const [socket, forget] of [...present]) {
      if (fanOut.has(socket)) continue;
      forget();
      socket.close(code, reason);
    }
  };

  const closeAll = (code: number, reason: string): void => {
    grace?.clear();
    for (const [socket, forget] of [...present]) {
      forget();
      socket.close(code, reason);
    }
    fanOut.stop();
  };

  const welcome = async (socket: ProbedSocket, giveFirst: GiveFirst): Promise<void> => {
    try {
      await giveFirst((first) => {
        if (present.has(socket)) fanOut.join(socket, first);
      });
    } catch (error) {
      deps.onDefect(error);
      socket.close(CLOSE.tryLater, 'the results cannot be told right now');
    }
  };

  const join: Room['join'] = (socket, giveFirst) => {
    const counting = countMessages(socket, timers, options.pingMs);
    const forget = (): void => {
      if (!present.delete(socket)) return;
      probe.clear();
      counting.clear();
      fanOut.leave(socket);
    };
    const probe = startProbe(socket, timers, options, () => {
      forget();
      socket.cut();
    });
    present.set(socket, forget);
    socket.onClose(forget);
    void welcome(socket, giveFirst);
  };

  return {
    join,
    push: fanOut.push,
    size: () => present.size,
    backlog: () => ({ slow: fanOut.behind(), bytes: fanOut.bytes() }),
    official: () => {
      grace ??= timers.after(options.graceMs, () => {
        fanOut.finish(CLOSE.normal, OFFICIAL_REASON);
        closeUnwelcomed(CLOSE.normal, OFFICIAL_REASON);
      });
    },
    hide: () => {
      fanOut.push(REFRESH);
      fanOut.finish(CLOSE.unknown, HIDDEN);
      closeUnwelcomed(CLOSE.unknown, HIDDEN);
    },
    close: closeAll,
  };
};
