import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import type { Stage } from './stage.ts';

/**
 * Serves the lab page and passes its sockets on to the relay, until that stretch of network is cut. The page
 * itself always comes, as from a service worker.
 */
export interface LabServer {
  readonly url: string;
  /** Ends every connection to the relay and lets no new one through. */
  readonly cut: () => void;
  readonly mend: () => void;
}

const bundlePage = async (entry: string): Promise<string> => {
  const made = await build({
    configFile: false,
    mode: 'production',
    logLevel: 'silent',
    resolve: { conditions: ['source', ...defaultClientConditions] },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: fileURLToPath(new URL(`./${entry}`, import.meta.url)) },
    },
  });
  if (!('output' in made)) throw new Error('expected one build');
  return made.output[0].code;
};

const PAGE = '<!doctype html><meta charset="utf-8"><title>lab</title><script type="module" src="/lab.js"></script>';

/** By entry. */
const bundles = new Map<string, Promise<string>>();

const bundleOf = (entry: string): Promise<string> => {
  const bundle = bundles.get(entry) ?? bundlePage(entry);
  bundles.set(entry, bundle);
  return bundle;
};

const requestHead = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
};

/** `port` is the relay's; it may be killed and come back on it. `entry` is the page's module, in this folder. */
export const startLabServer = async (
  stage: Pick<Stage, 'onEnd'>,
  port: number,
  entry = 'document-page.ts',
): Promise<LabServer> => {
  const script = await bundleOf(entry);
  const open = new Set<Duplex>();
  let isCut = false;

  const server = createServer((request, response) => {
    const isScript = request.url === '/lab.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : PAGE);
  });

  const hold = (socket: Duplex): Duplex => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  };

  server.on('upgrade', (request, incoming, head) => {
    hold(incoming);
    if (isCut) {
      incoming.destroy();
      return;
    }
    const outgoing = hold(connect(port, '127.0.0.1'));
    outgoing.write(requestHead(request));
    outgoing.write(head);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });

  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onEnd(() => {
    endAll();
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
      endAll();
    },
    mend: () => {
      isCut = false;
    },
  };
};
