import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { TcpConnection } from '../platform/tcp.ts';
import type { PositionedRead, ReadScope, Replica } from '../replica/replica.ts';
import { createReadFeed, type FeedStart } from './read-feed.ts';

/** A client with more than this unsent gets nothing until it has taken it. */
const MAX_BUFFERED = 64 * 1024;

export interface TcpClientDeps {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly log: Log;
}

export interface TcpClientOptions {
  readonly scope: ReadScope;
  /** What the log calls it. */
  readonly name: string;
  readonly from: FeedStart;
  /** A client that takes nothing for this long, while there is something to take, is cut. */
  readonly stallMs: number;
}

/** One program that listens. */
export interface TcpClient {
  /** The replica has something new of the scope. */
  readonly wake: () => void;
  /** The scope itself may have grown. */
  readonly lookAgain: () => void;
  readonly onDrain: () => void;
  readonly onClose: () => void;
}

const CRLF = [13, 10] as const;

/** Exact bytes of each line, each with CRLF: what the reader itself would send. */
export const linesOf = (reads: readonly Pick<PositionedRead, 'raw'>[]): Uint8Array => {
  const bytes = new Uint8Array(reads.reduce((sum, { raw }) => sum + raw.length + 2, 0));
  let at = 0;
  for (const { raw } of reads) {
    bytes.set(raw, at);
    bytes.set(CRLF, at + raw.length);
    at += raw.length + 2;
  }
  return bytes;
};

/**
 * Feeds one connection at its own pace from the replica, a page at a time: nothing is queued for it, so a slow
 * one costs its position and one page.
 */
export const createTcpClient = (
  { replica, timers, log }: TcpClientDeps,
  connection: TcpConnection,
  { scope, name, from, stallMs }: TcpClientOptions,
): TcpClient => {
  const feed = createReadFeed(replica, scope, from);
  /** There may be something to send. */
  let pending = true;
  let running = false;
  let over = false;
  let stall: Timer | null = null;

  /** Whether there may be more. */
  const step = async (): Promise<boolean> => {
    const page = await feed.next();
    if (over) return false;
    if (page.reads.length > 0) connection.write(linesOf(page.reads));
    return !page.atEnd;
  };

  const isFull = (): boolean => connection.bufferedAmount() > MAX_BUFFERED;

  const watchStall = (buffered: number): void => {
    stall?.clear();
    stall = timers.after(stallMs, () => {
      const now = connection.bufferedAmount();
      if (now < buffered) return watchStall(now);
      log.warn('a slow TCP client is cut; it may come back', {
        output: name,
        client: connection.peer,
        waiting: now,
      });
      connection.close();
    });
  };

  const pump = async (): Promise<void> => {
    while (pending && !over) {
      if (isFull()) return watchStall(connection.bufferedAmount());
      pending = false;
      if (await step()) pending = true;
    }
  };

  const wake = (): void => {
    pending = true;
    if (running || over || isFull()) return;
    running = true;
    void pump().finally(() => {
      running = false;
      if (pending) wake(); // what came after the pump looked last has called in vain
    });
  };

  wake();

  return {
    wake,
    lookAgain: () => {
      feed.lookAgain();
      wake();
    },
    onDrain: () => {
      stall?.clear();
      wake();
    },
    onClose: () => {
      over = true;
      stall?.clear();
    },
  };
};
