import { connect } from 'node:net';
import { until } from './until.ts';

/** What scoring software gets on a receiver's port: bytes, kept as they came. */
export interface ScoringClient {
  readonly bytes: () => Buffer;
  readonly lines: () => number;
}

/** Connects as soon as the port is open. */
export const connectScoring = async (port: number, onEnd: (end: () => void) => void): Promise<ScoringClient> => {
  const chunks: Buffer[] = [];
  let lines = 0;
  await until(`port ${port} takes connections`, () => {
    const socket = connect(port, '127.0.0.1');
    onEnd(() => socket.destroy());
    return new Promise<true | undefined>((resolve) => {
      socket.on('error', () => resolve(undefined));
      socket.once('connect', () => resolve(true));
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        for (const byte of chunk) if (byte === 10) lines += 1;
      });
    });
  });
  return { bytes: () => Buffer.concat(chunks), lines: () => lines };
};
