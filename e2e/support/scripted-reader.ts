import { createServer, type Server, type Socket } from 'node:net';
import { until } from './until.ts';

/** A chip reader on TCP that says exactly what the test tells it to, to whoever is connected. */
export interface ScriptedReader {
  readonly address: string;
  /** Resolves once a client is connected, other than those that were before the call to `dropAll`. */
  readonly connected: () => Promise<void>;
  /** Sends bytes to the connected client; resolves when the kernel took them. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Sends lines with CRLF, cut into packets that do not respect them, at about this many lines a second. */
  readonly sendLines: (lines: readonly string[], linesPerSecond: number) => Promise<void>;
}

const SPLIT = 7;
const TICK_MS = 10;

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('expected a TCP address'));
      else resolve(address.port);
    });
  });

export const startScriptedReader = async (
  onEnd: (end: () => Promise<void> | void) => void,
): Promise<ScriptedReader> => {
  let client: Socket | undefined;
  const server = createServer((socket) => {
    client = socket.setNoDelay(true);
    const forget = (): void => {
      if (client === socket) client = undefined;
    };
    socket.on('error', forget).on('close', forget).resume();
  });
  const port = await listen(server);
  onEnd(() => {
    client?.destroy();
    server.close();
  });

  const connected = async (): Promise<void> => {
    await until('a forwarder is connected to the reader', () => client !== undefined);
  };
  const send = async (bytes: Uint8Array): Promise<void> => {
    await connected();
    await new Promise<void>((resolve, reject) => {
      client?.write(bytes, (error) => (error == null ? resolve() : reject(error)));
    });
  };
  const sendLines = async (lines: readonly string[], linesPerSecond: number): Promise<void> => {
    const perTick = Math.max(1, Math.round((linesPerSecond * TICK_MS) / 1_000));
    for (let from = 0; from < lines.length; from += perTick) {
      const bytes = Buffer.from(`${lines.slice(from, from + perTick).join('\r\n')}\r\n`, 'latin1');
      const cut = Math.min(bytes.length, SPLIT + (from % 23));
      await send(bytes.subarray(0, cut));
      if (cut < bytes.length) await send(bytes.subarray(cut));
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  };
  return { address: `127.0.0.1:${port}`, connected, send, sendLines };
};
