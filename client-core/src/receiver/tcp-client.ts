import type { StreamId } from '@baton/schema/ids';
import type { Log, Timer, Timers } from '@baton/schema/ports';
import { pairFromKey, type VectorClock } from '@baton/schema/reads';
import type { TcpConnection } from '../platform/tcp.ts';
import type { PositionedRead, ReadPage, Replica } from '../replica/replica.ts';

/** Lines of a page: with 36–44 bytes each, about 20 KB. */
const PAGE_READS = 500;
/** A client with more than this unsent gets nothing until it has taken it. */
const MAX_BUFFERED = 64 * 1024;

export interface TcpClientDeps {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly log: Log;
}

export interface TcpClientOptions {
  readonly streamId: StreamId;
  readonly from: 'start' | 'now';
  /** A client that takes nothing for this long, while there is something to take, is cut. */
  readonly stallMs: number;
}

/** One program that listens to a stream. */
export interface TcpClient {
  /** The replica has something new of the stream. */
  readonly wake: () => void;
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

const clockOfStream = (clock: VectorClock, streamId: StreamId): Map<number, number> => {
  const epochs = new Map<number, number>();
  for (const [key, seq] of clock) {
    const pair = pairFromKey(key);
    if (pair?.streamId === streamId) epochs.set(pair.epoch, seq);
  }
  return epochs;
};

/**
 * Feeds one connection at its own pace from the replica, a page at a time: nothing is queued for it, so a slow
 * one costs its position and one page. `sent` says what it has of each epoch, so that it goes on without
 * loss or repeat when the replica was rebuilt and positions begin anew.
 */
export const createTcpClient = (
  { replica, timers, log }: TcpClientDeps,
  connection: TcpConnection,
  { streamId, from, stallMs }: TcpClientOptions,
): TcpClient => {
  let sent = new Map<number, number>();
  let pos = 0;
  let generation: number | null = null;
  /** There may be something to send. */
  let pending = true;
  let running = false;
  let over = false;
  let stall: Timer | null = null;

  const begin = async (): Promise<void> => {
    if (from === 'start') return;
    const end = await replica.end();
    [sent, pos, generation] = [clockOfStream(end.clock, streamId), end.pos, end.generation];
  };

  const isNew = ({ epoch, seq }: PositionedRead): boolean => seq > (sent.get(epoch) ?? 0);

  const send = (page: ReadPage): void => {
    const fresh = page.reads.filter(isNew);
    if (fresh.length > 0) connection.write(linesOf(fresh));
    for (const { epoch, seq } of fresh) sent.set(epoch, seq);
    pos = page.nextPos;
  };

  /** Whether there may be more. */
  const step = async (): Promise<boolean> => {
    const page = await replica.readFrom(streamId, pos, PAGE_READS);
    if (over) return false;
    if (generation !== null && page.generation !== generation) {
      [generation, pos] = [page.generation, 0];
      return true;
    }
    generation = page.generation;
    send(page);
    return !page.atEnd;
  };

  const isFull = (): boolean => connection.bufferedAmount() > MAX_BUFFERED;

  const watchStall = (buffered: number): void => {
    stall?.clear();
    stall = timers.after(stallMs, () => {
      const now = connection.bufferedAmount();
      if (now < buffered) return watchStall(now);
      log.warn('a slow TCP client is cut; it may come back', {
        stream: streamId,
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

  running = true;
  void begin().finally(() => {
    running = false;
    wake();
  });

  return {
    wake,
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
