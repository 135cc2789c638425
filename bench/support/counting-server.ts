import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What is served besides the relay; null: the relay is asked. */
export type ServeFile = (path: string) => ServedFile | null;

export interface ServedFile {
  readonly type: string;
  /** Compressed with gzip. */
  readonly body: Uint8Array;
}

/** A relay's address that counts what comes from it, and serves a page beside it. */
export interface CountingServer {
  readonly url: string;
  /** Bytes to the client so far, headers and framing included: from the relay, and of files. */
  readonly relayBytes: () => number;
  readonly fileBytes: () => number;
  readonly close: () => void;
}

const requestHead = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
};

const serve = (response: ServerResponse, { type, body }: ServedFile): void => {
  response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'content-length': body.length });
  response.end(body);
};

export const startCountingServer = async (relay: string, file: ServeFile = () => null): Promise<CountingServer> => {
  const port = Number(new URL(relay).port);
  const open = new Set<Duplex>();
  let relayBytes = 0;
  let fileBytes = 0;

  const hold = <T extends Duplex>(socket: T): T => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  };

  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url, headers } = request;
    const outgoing = httpRequest({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (data: Buffer) => {
        relayBytes += data.length;
      });
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    request.pipe(outgoing);
  };

  const server = createServer((request, response) => {
    const found = request.method === 'GET' ? file(new URL(request.url ?? '/', relay).pathname) : null;
    if (found === null) return pass(request, response);
    fileBytes += found.body.length;
    serve(response, found);
  });

  server.on('upgrade', (request, incoming: Socket, head) => {
    const outgoing = hold(connect(port, '127.0.0.1'));
    hold(incoming).setNoDelay(true);
    outgoing.setNoDelay(true);
    outgoing.write(requestHead(request));
    outgoing.write(head);
    outgoing.on('data', (data) => {
      relayBytes += data.length;
    });
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    relayBytes: () => relayBytes,
    fileBytes: () => fileBytes,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
};
