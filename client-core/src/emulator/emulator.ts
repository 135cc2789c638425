import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { TcpConnection, TcpEvents } from '../platform/tcp.ts';
import type { TimedLine } from './line-source.ts';

export interface EmulatorDeps {
  readonly timers: Timers;
  readonly log: Log;
}

/** A reader on TCP whose lines come from a source. The stream is one: who connects later joins it where it is. */
export interface Emulator {
  /** To be given each new connection. */
  readonly accept: (connection: TcpConnection) => TcpEvents;
  readonly clients: () => number;
  /** Lines sent so far. */
  readonly sent: () => number;
  /** The source has ended and everything was sent. */
  readonly isDone: () => boolean;
  readonly close: () => void;
}

/** Lines sent in one turn; more are sent in the next, so that thousands a second need no thousand timers. */
const LINES_A_TURN = 2000;
/** While every client has this much waiting, the stream stands still: a reader keeps what it cannot send. */
const HOLD_BYTES = 64 * 1024;
/** A client that falls behind the others by this much is dropped. */
const DROP_BYTES = 4 * 1024 * 1024;

const CRLF = new Uint8Array([13, 10]);

const joined = (lines: readonly TimedLine[]): Uint8Array => {
  const bytes = new Uint8Array(lines.reduce((sum, { line }) => sum + line.length + CRLF.length, 0));
  let at = 0;
  for (const { line } of lines) {
    bytes.set(line, at);
    bytes.set(CRLF, at + line.length);
    at += line.length + CRLF.length;
  }
  return bytes;
};

/**
 * Begins when the first client connects. While nobody is connected, or nobody takes more, it stands still
 * and goes on where it was, as a reader that keeps its reads in its own memory.
 */
export const createEmulator = (deps: EmulatorDeps, source: Iterator<TimedLine>): Emulator => {
  const { timers, log } = deps;
  const clients = new Set<TcpConnection>();
  let next: TimedLine | null = null;
  /** Monotonic time that is the source's 0; moves on by every hold. Null while the stream stands still. */
  let origin: number | null = null;
  /** The source's time at which the stream stands still. */
  let heldAt = 0;
  let sent = 0;
  let done = false;
  let timer: Timer | null = null;

  const advance = (): void => {
    const result = source.next();
    next = result.done === true ? null : result.value;
    if (next !== null || done) return;
    done = true;
    log.info('every line was sent', { lines: sent });
  };

  const takeDue = (now: number): TimedLine[] => {
    const due: TimedLine[] = [];
    while (next !== null && next.atMs <= now && due.length < LINES_A_TURN) {
      due.push(next);
      sent += 1;
      advance();
    }
    return due;
  };

  const send = (bytes: Uint8Array): void => {
    for (const client of clients) {
      client.write(bytes);
      if (client.bufferedAmount() > DROP_BYTES) drop(client);
    }
  };

  const drop = (client: TcpConnection): void => {
    log.warn('a client does not keep up with the others and is dropped', { peer: client.peer });
    clients.delete(client);
    client.close();
  };

  const isTaken = (): boolean => [...clients].some((client) => client.bufferedAmount() < HOLD_BYTES);

  const hold = (): void => {
    if (origin === null) return;
    heldAt = timers.mono() - origin;
    origin = null;
    timer?.clear();
    timer = null;
  };

  const goOn = (): void => {
    if (origin !== null || !isTaken()) return;
    if (next === null && !done) advance();
    origin = timers.mono() - heldAt;
    turn();
  };

  const turn = (): void => {
    timer = null;
    if (origin === null || next === null) return;
    const due = takeDue(timers.mono() - origin);
    if (due.length > 0) send(joined(due));
    if (!isTaken()) hold();
    else if (next !== null) timer = timers.after(Math.max(0, next.atMs - (timers.mono() - origin)), turn);
  };

  const leave = (client: TcpConnection): void => {
    if (!clients.delete(client)) return;
    log.info('client gone', { peer: client.peer, clients: clients.size });
    if (!isTaken()) hold();
  };

  return {
    accept: (client) => {
      clients.add(client);
      log.info('client connected', { peer: client.peer, clients: clients.size });
      goOn();
      return { onData: () => {}, onDrain: goOn, onClose: () => leave(client) };
    },
    clients: () => clients.size,
    sent: () => sent,
    isDone: () => done,
    close: () => {
      hold();
      clients.clear();
    },
  };
};
