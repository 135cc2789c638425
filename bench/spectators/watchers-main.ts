import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { quantile } from '../support/measure-times.ts';
import type { WatchersCommand, WatchersEvent } from './watchers.ts';

/** Many who watch, in one process: they count frames and bytes, and some look when a message was made. Commands on stdin, events on stdout. */

/** Every so many-th socket looks at the time of its messages. */
const LOOKS = 5;
/** Nothing came for so long. */
const REST_MS = 500;
const AS_OF = /"asOf":(\d+)/;
const FRAME_START = Buffer.from('{"type":"');

interface Watcher {
  readonly socket: Socket;
  frames: number;
  bytes: number;
}

let watchers: Watcher[] = [];
let delays: number[] = [];
let lastAt = 0;

const tell = (event: WatchersEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const upgradeOf = (host: string, port: number, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** Frames are counted by how their payload begins: they are whole in what arrives, or nearly always. */
const framesIn = (chunk: Buffer): number => {
  let count = 0;
  for (let at = chunk.indexOf(FRAME_START); at !== -1; at = chunk.indexOf(FRAME_START, at + 9)) count++;
  return count;
};

const look = (chunk: Buffer): void => {
  const asOf = AS_OF.exec(chunk.toString('latin1', 0, 200))?.[1];
  if (asOf !== undefined) delays.push(Date.now() - Number(asOf));
};

const openOne = ({ host, port, path }: WatchersCommand & { type: 'open' }, index: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host);
    const watcher: Watcher = { socket, frames: 0, bytes: 0 };
    socket.on('data', (chunk) => {
      lastAt = performance.now();
      watcher.bytes += chunk.length;
      watcher.frames += framesIn(chunk);
      if (index % LOOKS === 0) look(chunk);
      resolve();
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      watchers.push(watcher);
      if (path === null) resolve();
      else socket.write(upgradeOf(host, port, path));
    });
  });

const open = async (command: WatchersCommand & { type: 'open' }): Promise<void> => {
  const started = performance.now();
  let next = 0;
  const openNext = async (): Promise<void> => {
    for (let index = next++; index < command.count; index = next++) await openOne(command, index);
  };
  await Promise.all(Array.from({ length: Math.min(command.abreast, command.count) }, openNext));
  tell({ type: 'opened', ms: performance.now() - started });
};

const rest = (): void => {
  if (performance.now() - lastAt < REST_MS) return void setTimeout(rest, 50);
  const lost = watchers.filter((it) => it.socket.destroyed).length;
  const sum = (of: (it: Watcher) => number): number => watchers.reduce((all, it) => all + of(it), 0);
  const [p50, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)];
  tell({ type: 'rested', lost, bytes: sum((it) => it.bytes), frames: sum((it) => it.frames), p50, p99 });
};

const run = (command: WatchersCommand): void => {
  switch (command.type) {
    case 'open':
      open(command).catch((error: unknown) => tell({ type: 'failed', reason: String(error) }));
      return;
    case 'mark':
      delays = [];
      for (const it of watchers) {
        it.frames = 0;
        it.bytes = 0;
      }
      return tell({ type: 'marked' });
    case 'rest':
      return rest();
    case 'close':
      for (const { socket } of watchers) socket.destroy();
      watchers = [];
      return tell({ type: 'closed' });
  }
};

createInterface({ input: process.stdin }).on('line', (line) => run(JSON.parse(line) as WatchersCommand));
process.stdin.on('end', () => process.exit(0));
