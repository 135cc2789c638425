import { connect, createServer, type Server, type Socket } from 'node:net';
import { err, ok, type Result } from '@baton/schema/result';
import type {
  OpenTcp,
  TcpAddress,
  TcpClientEvents,
  TcpConnection,
  TcpEvents,
  TcpListenError,
  TcpServer,
} from '../tcp.ts';

export interface TcpOptions {
  /** A connection that is not made by then has failed. 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** Silence after which the system begins to probe the peer; a dead one is then known within seconds. 15 s by default. */
  readonly keepAliveMs?: number;
}

/** A peer that does not take the rest by then is cut; within the 5 s in which a command must end. */
const CLOSE_MS = 2000;

const addressText = (host: string | undefined, port: number | undefined): string => {
  const name = host ?? '?';
  return `${name.includes(':') ? `[${name}]` : name}:${port ?? 0}`;
};

const wire = (socket: Socket, peer: string, events: TcpEvents): TcpConnection => {
  let failure: string | null = null;
  let cut: NodeJS.Timeout | undefined;
  socket.setNoDelay(true);
  socket.on('data', (bytes: Buffer) => events.onData(bytes));
  socket.on('drain', () => events.onDrain?.());
  socket.on('error', (error) => {
    failure ??= error.message;
  });
  socket.on('close', () => {
    clearTimeout(cut);
    events.onClose(failure ?? 'the peer closed the connection');
  });
  return {
    peer,
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    bufferedAmount: () => socket.writableLength,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => {
      if (socket.destroyed) return;
      socket.destroySoon();
      cut ??= setTimeout(() => socket.destroy(), CLOSE_MS);
    },
  };
};

export const createOpenTcp =
  ({ connectTimeoutMs = 5000, keepAliveMs = 15_000 }: TcpOptions = {}): OpenTcp =>
  ({ host, port }: TcpAddress, events: TcpClientEvents) => {
    const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
    const connection = wire(socket, addressText(host, port), events);
    const late = setTimeout(
      () => socket.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    socket.on('close', () => clearTimeout(late));
    socket.on('connect', () => {
      clearTimeout(late);
      events.onOpen();
    });
    return connection;
  };

const listenError = (error: NodeJS.ErrnoException, at: TcpAddress): TcpListenError =>
  error.code === 'EADDRINUSE'
    ? { type: 'port-in-use', message: `port ${at.port} on ${at.host} is in use; choose another or 0 for any free one` }
    : { type: 'cannot-listen', message: `cannot listen on ${addressText(at.host, at.port)}: ${error.message}` };

const serverOf = (server: Server, host: string, sockets: Set<Socket>): TcpServer => {
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  return {
    address: { host, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/**
 * Listens on `host:port` (0 = any free port). `accept` gives the events of each new connection; it is called
 * with the connection before any of them.
 */
export const listenTcp = (
  at: TcpAddress,
  accept: (connection: TcpConnection) => TcpEvents,
): Promise<Result<TcpServer, TcpListenError>> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      const relay: { events: TcpEvents | null } = { events: null };
      const connection = wire(socket, addressText(socket.remoteAddress, socket.remotePort), {
        onData: (bytes) => relay.events?.onData(bytes),
        onDrain: () => relay.events?.onDrain?.(),
        onClose: (reason) => relay.events?.onClose(reason),
      });
      relay.events = accept(connection);
    });
    server.once('error', (error) => resolve(err(listenError(error, at))));
    server.listen(at.port, at.host, () => resolve(ok(serverOf(server, at.host, sockets))));
  });
