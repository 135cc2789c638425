import { createServer } from 'node:http';
import { Server } from '@hocuspocus/server';
import { setupWSConnection } from '@y/websocket-server/utils';
import { WebSocketServer } from 'ws';

/** The other document servers, each as its own documentation starts it. Arguments: which one, and the port (0: any). */

const HOST = '127.0.0.1';
const [which = '', port = '0'] = process.argv.slice(2);

const told = (listening: number): void => {
  process.stdout.write(`listening http://${HOST}:${listening}\n`);
};

const runHocuspocus = async (): Promise<void> => {
  const server = new Server({ port: Number(port), address: HOST, quiet: true });
  await server.listen();
  told(server.address.port);
};

const runYWebsocket = (): void => {
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on('connection', setupWSConnection);
  const server = createServer();
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request)),
  );
  server.listen(Number(port), HOST, () => {
    const address = server.address();
    told(typeof address === 'object' && address !== null ? address.port : 0);
  });
};

if (which === 'hocuspocus') await runHocuspocus();
else if (which === 'y-websocket') runYWebsocket();
else throw new Error(`expected hocuspocus or y-websocket, got ${which}`);
