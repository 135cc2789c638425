import type { Clock, Log, Random, Timer, Timers } from '@baton/schema/ports';
import type { ReaderStatus } from '@baton/schema/protocol';
import type { IpicoLine } from '@baton/schema/reads';
import { type BackoffOptions, backoffDelay } from '../connection/backoff.ts';
import { classifyLine } from '../ipico/classify.ts';
import { createLineSplitter } from '../ipico/line-splitter.ts';
import type { OpenTcp, TcpAddress, TcpConnection } from '../platform/tcp.ts';
import type { JournalLine } from './journal.ts';

export interface ReaderClientDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly openTcp: OpenTcp;
  /** Milliseconds by which local wall time is ahead of UTC: a reader tells its time without a zone. */
  readonly localOffsetMs: (at: number) => number;
}

export interface ReaderClientOptions {
  readonly name: string;
  readonly address: TcpAddress;
  /** Reads in the order in which they came; only good ones. Called at most once a packet, never empty. */
  readonly onReads: (lines: readonly JournalLine[]) => void;
  /** The connection came or went. */
  readonly onChanged: () => void;
  readonly backoff?: BackoffOptions;
}

/** A TCP client of one reader that reconnects by itself. It only listens: nothing is ever sent to a reader. */
export interface ReaderClient {
  readonly name: string;
  /** Stops or goes on reading the socket; the reader keeps what it cannot send. */
  readonly setPaused: (paused: boolean) => void;
  readonly status: () => Omit<ReaderStatus, 'journalHead'>;
  readonly close: () => void;
}

/** A reader is near: a lost cable is noticed and mended within seconds. */
const READER_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 10_000 };

/** Unparsable lines are logged in full up to this many a connection, then counted only. */
const MAX_LOGGED_DAMAGE = 20;

const printable = (line: Uint8Array): string => String.fromCharCode(...line.subarray(0, 80));

interface Counters {
  lines: number;
  unparsable: number;
  lastLineAt: number | null;
  clockOffsetMs: number | null;
}

const RATE_WINDOW_MS = 5000;

/** Lines a second over the last window of at least 5 s, however often it is asked. */
const createRate = (timers: Timers, lines: () => number) => {
  let since = timers.mono();
  let before = lines();
  let rate = 0;
  return (): number => {
    const elapsed = timers.mono() - since;
    if (elapsed < RATE_WINDOW_MS) return rate;
    rate = Math.round(((lines() - before) * 100_000) / elapsed) / 100;
    since += elapsed;
    before = lines();
    return rate;
  };
};

export const createReaderClient = (deps: ReaderClientDeps, options: ReaderClientOptions): ReaderClient => {
  const { clock, timers, random, log } = deps;
  const { name, address, backoff = READER_BACKOFF } = options;
  const splitter = createLineSplitter();
  const counters: Counters = { lines: 0, unparsable: 0, lastLineAt: null, clockOffsetMs: null };
  const rate = createRate(timers, () => counters.lines);
  let connection: TcpConnection | null = null;
  let connected = false;
  let paused = false;
  let closed = false;
  let attempt = 0;
  let loggedDamage = 0;
  let retry: Timer | null = null;

  const damage = (type: string, line: string): void => {
    counters.unparsable += 1;
    loggedDamage += 1;
    if (loggedDamage > MAX_LOGGED_DAMAGE) return;
    const last = loggedDamage === MAX_LOGGED_DAMAGE ? { note: 'further ones of this connection are only counted' } : {};
    log.warn('unparsable line', { reader: name, type, line, ...last });
  };

  const accept = (raw: Uint8Array, line: IpicoLine, receivedAt: number): JournalLine => {
    counters.clockOffsetMs = line.wallHundredths * 10 - (receivedAt + deps.localOffsetMs(receivedAt));
    return { raw, receivedAt };
  };

  const judge = (raw: Uint8Array, receivedAt: number): JournalLine | null => {
    const it = classifyLine(raw);
    if (it.type === 'read') return accept(raw, it.line, receivedAt);
    if (it.type === 'unparsable') damage(it.error.type, printable(raw));
    return null;
  };

  const onData = (bytes: Uint8Array): void => {
    if (closed) return;
    const receivedAt = Math.max(0, Math.floor(clock.now()));
    const overlong = splitter.overlong();
    const lines = splitter.push(bytes);
    for (let count = overlong; count < splitter.overlong(); count++) damage('overlong', '');
    if (lines.length === 0) return;
    attempt = 0;
    counters.lines += lines.length;
    counters.lastLineAt = receivedAt;
    const reads = lines.flatMap((line) => judge(line, receivedAt) ?? []);
    if (reads.length > 0) options.onReads(reads);
  };

  const onOpen = (): void => {
    connected = true;
    loggedDamage = 0;
    if (paused) connection?.pause();
    log.info('reader connected', { reader: name, address: `${address.host}:${address.port}` });
    options.onChanged();
  };

  const onClose = (reason: string): void => {
    const cut = splitter.end();
    if (cut > 0) damage('cut-off', `${cut} bytes`);
    connection = null;
    if (closed) return;
    const wait = backoffDelay(attempt, random.next(), backoff);
    attempt += 1;
    log.warn('reader not connected, trying again', { reader: name, reason, attempt, waitMs: wait });
    retry = timers.after(wait, open);
    if (!connected) return;
    connected = false;
    options.onChanged();
  };

  const open = (): void => {
    connection = deps.openTcp(address, { onOpen, onData, onClose });
  };

  open();
  return {
    name,
    setPaused: (next) => {
      if (next === paused) return;
      paused = next;
      if (next) connection?.pause();
      else connection?.resume();
    },
    status: () => ({
      reader: name,
      connected,
      lastLineAt: counters.lastLineAt,
      linesPerSecond: rate(),
      unparsable: counters.unparsable,
      clockOffsetMs: counters.clockOffsetMs,
    }),
    close: () => {
      closed = true;
      connected = false;
      retry?.clear();
      connection?.close();
    },
  };
};
