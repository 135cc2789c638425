import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A stretch of network between somebody, or another relay, and a relay. */
export interface NetworkGate {
  readonly url: string;
  /** Ends every connection and takes no new one: offline in a browser leaves open sockets as they are. */
  readonly cut: () => void;
  readonly mend: () => void;
}

/** @param onEnd takes what ends it */
export const openNetworkGate = async (port: number, onEnd: (end: () => void) => void): Promise<NetworkGate> => {
  const sockets = new Set<Socket>();
  let open = true;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (!open) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onEnd(() => {
    cutAll();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      open = false;
      cutAll();
    },
    mend: () => {
      open = true;
    },
  };
};
