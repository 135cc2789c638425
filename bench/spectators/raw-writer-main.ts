import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { RawCommand, RawEvent } from './raw-writer.ts';

/** Writes the same bytes to every connection, as plainly as Node can. Commands on stdin, events on stdout. */

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => sockets.delete(socket));
});

const tell = (event: RawEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const write = ({ bytes, frames, everyMs }: RawCommand): void => {
  const frame = Buffer.from('{"type":"'.padEnd(bytes, 'x'));
  let left = frames;
  const timer = setInterval(() => {
    for (const socket of sockets) socket.write(frame);
    left--;
    if (left > 0) return;
    clearInterval(timer);
    tell({ type: 'written' });
  }, everyMs);
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line) as RawCommand | { readonly type: 'listen' };
  if (command.type === 'write') return write(command);
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
    tell({ type: 'listening', port: (server.address() as AddressInfo).port });
  });
});
process.stdin.on('end', () => process.exit(0));
