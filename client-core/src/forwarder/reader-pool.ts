import type { ReaderStatus } from '@baton/schema/protocol';
import type { TcpAddress } from '../platform/tcp.ts';
import { createReaderClient, type ReaderClientDeps } from './reader-client.ts';
import { currentEpoch, type StreamLog } from './stream-log.ts';
import type { Streams } from './streams.ts';

export interface ReaderTarget {
  readonly name: string;
  readonly address: TcpAddress;
}

/** The readers of this run, and what is to be told of them and of earlier ones. */
export interface ReaderPool {
  /** The readers of this run, then those of earlier runs whose reads are still to be sent; at most 64. */
  readonly names: () => readonly string[];
  readonly statuses: () => readonly ReaderStatus[];
  /** Of this run. */
  readonly allConnected: () => boolean;
  readonly setPaused: (paused: boolean) => void;
  readonly close: () => void;
}

/** Most that a hello may name. */
export const MAX_READERS = 64;

/** Lines held here that the relay has not acked. */
export const backlogOf = (log: StreamLog): number =>
  log.epochs.reduce((sum, it) => sum + it.head - Math.max(it.acked, it.first - 1), 0);

/** Connects to every reader and records what it sends. @param onChanged a connection came or went */
export const openReaders = (
  deps: ReaderClientDeps & { readonly streams: Streams },
  targets: readonly ReaderTarget[],
  onChanged: () => void,
): ReaderPool => {
  const { streams } = deps;
  for (const { name } of targets) streams.ensure(name);
  const clients = targets.map(({ name, address }) =>
    createReaderClient(deps, { name, address, onReads: (lines) => streams.record(name, lines), onChanged }),
  );

  const names = (): string[] => {
    const own = targets.map(({ name }) => name);
    const left = streams.all().filter(({ reader }) => !own.includes(reader));
    return [...own, ...left.filter((it) => backlogOf(it) > 0).map(({ reader }) => reader)].slice(0, MAX_READERS);
  };

  const absent = (reader: string): Omit<ReaderStatus, 'journalHead'> => ({
    reader,
    connected: false,
    lastLineAt: null,
    linesPerSecond: 0,
    unparsable: 0,
    clockOffsetMs: null,
  });

  const statusOf = (reader: string): ReaderStatus => ({
    ...(clients.find(({ name }) => name === reader)?.status() ?? absent(reader)),
    journalHead: currentEpoch(streams.get(reader)).durable,
  });

  return {
    names,
    statuses: () => names().map(statusOf),
    allConnected: () => clients.every((client) => client.status().connected),
    setPaused: (paused) => {
      for (const client of clients) client.setPaused(paused);
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
};
