import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from '@hocuspocus/server';
import { setupWSConnection } from '@y/websocket-server/utils';
import { WebSocketServer } from 'ws';
import * as Y from 'yjs';

/**
 * The other document servers, each as its own documentation starts it. Arguments: which one, the port (0: any), and for
 * Hocuspocus a file in which its one document is kept.
 */
const HOST = '127.0.0.1';
const [which = '', port = '0', file = ''] = process.argv.slice(2);

const told = (listening: number): void => {
  process.stdout.write(`listening http://${HOST}:${listening}\n`);
};

/** As the database extensions of Hocuspocus do it: the whole state, whenever the server thinks it is time, synced to disk. */
const inFile = (name: string) => ({
  onLoadDocument: async ({ document }: { readonly document: Y.Doc }) => {
    if (existsSync(name)) Y.applyUpdate(document, readFileSync(name));
  },
  onStoreDocument: async ({ document }: { readonly document: Y.Doc }) => {
    writeFileSync(`${name}.new`, Y.encodeStateAsUpdate(document), { flush: true });
    renameSync(`${name}.new`, name);
  },
});

const runHocuspocus = async (): Promise<void> => {
  const keeping = file === '' ? {} : inFile(file);
  const server = new Server({ port: Number(port), address: HOST, quiet: true, ...keeping });
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
