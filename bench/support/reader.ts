import { createServer, type Socket } from 'node:net';

/** A reader under the benchmark's hand: a TCP server whose one client is the forwarder. */
export const openReader = (): Promise<{
  readonly port: number;
  readonly client: Promise<Socket>;
  readonly close: () => void;
}> =>
  new Promise((resolve) => {
    let onClient: (socket: Socket) => void = () => {};
    const client = new Promise<Socket>((found) => {
      onClient = found;
    });
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      onClient(socket);
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve({ port: address.port, client, close: () => server.close() });
    });
  });
