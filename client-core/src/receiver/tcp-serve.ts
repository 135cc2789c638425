import type { Log, Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type { TcpAddress, TcpConnection, TcpEvents, TcpListenError, TcpServer } from '../platform/tcp.ts';
import type { ReadScope, Replica } from '../replica/replica.ts';
import type { FeedStart } from './read-feed.ts';
import { followScope, scopeText } from './read-scope.ts';
import { createTcpClient, type TcpClient } from './tcp-client.ts';

export interface TcpOutput {
  readonly scope: ReadScope;
  /** 0: any free one. */
  readonly port: number;
  /** What a client gets that connects: all held and to come, what comes after it connected, or all from a line on. */
  readonly from: FeedStart;
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

export interface ServedOutput extends TcpOutput {
  readonly clients: () => number;
  readonly close: () => Promise<void>;
}

/** Scoring software is on this machine; a network would need an answer to who may listen. */
const HOST = '127.0.0.1';
const DEFAULT_STALL_MS = 60_000;
const MAX_CLIENTS = 32;
const IGNORED: TcpEvents = { onData: () => {}, onClose: () => {} };

/** Serves a stream or a race to any number of local programs, as its reader would. */
export const serveOutput = async (
  deps: TcpServeDeps,
  output: TcpOutput,
  { stallMs = DEFAULT_STALL_MS }: TcpServeOptions = {},
): Promise<Result<ServedOutput, TcpListenError>> => {
  const { replica, log } = deps;
  const { scope, from, port } = output;
  const name = scopeText(scope);
  const clients = new Set<TcpClient>();

  const refuse = (connection: TcpConnection): TcpEvents => {
    log.warn('too many TCP clients of one output, this one is refused', { output: name, client: connection.peer });
    connection.close();
    return IGNORED;
  };

  const accept = (connection: TcpConnection): TcpEvents => {
    if (clients.size >= MAX_CLIENTS) return refuse(connection);
    const client = createTcpClient(deps, connection, { scope, name, from, stallMs });
    clients.add(client);
    log.info('a TCP client listens', { output: name, client: connection.peer, from });
    return {
      onData: () => {}, // a reader's port takes no commands here
      onDrain: client.onDrain,
      onClose: (reason) => {
        clients.delete(client);
        client.onClose();
        log.info('a TCP client left', { output: name, client: connection.peer, reason });
      },
    };
  };

  const server = await deps.listen({ host: HOST, port }, accept);
  if (!server.ok) return server;
  const stop = followScope(replica, scope, {
    onReads: () => {
      for (const client of clients) client.wake();
    },
    onScope: () => {
      for (const client of clients) client.lookAgain();
    },
  });
  const close = async (): Promise<void> => {
    stop();
    await server.value.close();
  };
  return { ok: true, value: { scope, from, port: server.value.address.port, clients: () => clients.size, close } };
};
