import type { StreamId } from '@baton/schema/ids';
import type { Log, Timers } from '@baton/schema/ports';
import { pairFromKey } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import type { TcpAddress, TcpConnection, TcpEvents, TcpListenError, TcpServer } from '../platform/tcp.ts';
import type { Replica } from '../replica/replica.ts';
import { createTcpClient, type TcpClient } from './tcp-client.ts';

export interface TcpOutput {
  readonly streamId: StreamId;
  /** 0: any free one. */
  readonly port: number;
  /** What a client gets that connects: everything held and to come, or only what comes after it connected. */
  readonly from: 'start' | 'now';
}

export interface TcpServeDeps {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly log: Log;
  readonly listen: (
    at: TcpAddress,
    accept: (connection: TcpConnection) => TcpEvents,
  ) => Promise<Result<TcpServer, TcpListenError>>;
}

export interface TcpServeOptions {
  /** 60 s by default. */
  readonly stallMs?: number;
}

export interface ServedStream extends TcpOutput {
  readonly clients: () => number;
  readonly close: () => Promise<void>;
}

/** Scoring software is on this machine; a network would need an answer to who may listen. */
const HOST = '127.0.0.1';
const DEFAULT_STALL_MS = 60_000;
const MAX_CLIENTS = 32;
const IGNORED: TcpEvents = { onData: () => {}, onClose: () => {} };

/** Serves one stream to any number of local programs, as its reader would. */
export const serveStream = async (
  deps: TcpServeDeps,
  output: TcpOutput,
  { stallMs = DEFAULT_STALL_MS }: TcpServeOptions = {},
): Promise<Result<ServedStream, TcpListenError>> => {
  const { replica, log } = deps;
  const { streamId, from, port } = output;
  const clients = new Set<TcpClient>();

  const refuse = (connection: TcpConnection): TcpEvents => {
    log.warn('too many TCP clients of one stream, this one is refused', { stream: streamId, client: connection.peer });
    connection.close();
    return IGNORED;
  };

  const accept = (connection: TcpConnection): TcpEvents => {
    if (clients.size >= MAX_CLIENTS) return refuse(connection);
    const client = createTcpClient(deps, connection, { streamId, from, stallMs });
    clients.add(client);
    log.info('a TCP client listens', { stream: streamId, client: connection.peer, from });
    return {
      onData: () => {}, // a reader's port takes no commands here
      onDrain: client.onDrain,
      onClose: (reason) => {
        clients.delete(client);
        client.onClose();
        log.info('a TCP client left', { stream: streamId, client: connection.peer, reason });
      },
    };
  };

  const server = await deps.listen({ host: HOST, port }, accept);
  if (!server.ok) return server;
  const stop = replica.onCommit(({ raised }) => {
    for (const key of raised.keys()) {
      if (pairFromKey(key)?.streamId === streamId) for (const client of clients) client.wake();
    }
  });
  const close = async (): Promise<void> => {
    stop();
    await server.value.close();
  };
  return { ok: true, value: { streamId, from, port: server.value.address.port, clients: () => clients.size, close } };
};
