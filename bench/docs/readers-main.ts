import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { DIALECTS, STEP2 } from './dialect.ts';
import type { ReadersCommand, ReadersEvent } from './readers.ts';
import { clientFrame, createFrameScanner, openRaw } from './wire.ts';

/** Many readers of one document in one process: after their first sync they only count bytes. Commands on stdin, events on stdout. */

const HEAD_BYTES = 256;

interface Reader {
  readonly socket: Socket;
  /** Since the last mark. */
  bytes: number;
}

const readers: Reader[] = [];
let synced = 0;
let lastSyncedAt = 0;
let syncedBytes = 0;

const tell = (event: ReadersEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const openOne = async ({ target, document, dialect, stateVector }: ReadersCommand & { type: 'open' }) => {
  const { hello, sync } = DIALECTS[dialect];
  const reader = { bytes: 0 };
  let done = (): void => {};
  const isSynced = new Promise<void>((resolve) => {
    done = resolve;
  });
  let scan: ((chunk: Buffer) => void) | null = createFrameScanner(HEAD_BYTES, (head, length) => {
    if (scan === null || sync(head)?.kind !== STEP2) return;
    scan = null;
    synced++;
    syncedBytes += length;
    lastSyncedAt = performance.now();
    done();
  });
  const socket = await openRaw(target, {
    onBytes: (chunk) => {
      reader.bytes += chunk.length;
      scan?.(chunk);
    },
    onClose: () => done(),
  });
  for (const message of hello(document, Buffer.from(stateVector, 'base64'))) socket.write(clientFrame(message));
  readers.push(Object.assign(reader, { socket }));
  await isSynced;
};

const open = async (command: ReadersCommand & { type: 'open' }): Promise<void> => {
  synced = 0;
  syncedBytes = 0;
  const started = performance.now();
  let next = 0;
  const openNext = async (): Promise<void> => {
    while (next++ < command.count) await openOne(command);
  };
  await Promise.all(Array.from({ length: Math.min(command.abreast, command.count) }, openNext));
  tell({ type: 'synced', count: synced, ms: lastSyncedAt - started, bytes: syncedBytes });
};

const reach = (bytes: number): void => {
  const behind = readers.filter((it) => it.bytes < bytes && !it.socket.destroyed).length;
  if (behind > 0) setTimeout(() => reach(bytes), 1);
  else tell({ type: 'reached', lost: readers.filter((it) => it.socket.destroyed).length });
};

const close = (): void => {
  for (const { socket } of readers.splice(0)) socket.destroy();
  tell({ type: 'closed' });
};

const run = (command: ReadersCommand): void => {
  switch (command.type) {
    case 'open':
      open(command).catch((error: unknown) => tell({ type: 'failed', reason: String(error) }));
      return;
    case 'mark':
      for (const reader of readers) reader.bytes = 0;
      return tell({ type: 'marked' });
    case 'reach':
      return reach(command.bytes);
    case 'close':
      return close();
  }
};

createInterface({ input: process.stdin }).on('line', (line) => run(JSON.parse(line) as ReadersCommand));
process.stdin.on('end', () => process.exit(0));
