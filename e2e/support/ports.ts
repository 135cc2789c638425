import { createServer } from 'node:net';

/** A loopback port that was free a moment ago, for options that do not take 0. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('expected a TCP address'));
        else resolve(address.port);
      });
    });
  });

/** Holds a port until the story is over. */
export const takenPort = (onEnd: (end: () => Promise<void>) => void): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      onEnd(() => new Promise((done) => server.close(() => done())));
      if (address === null || typeof address === 'string') reject(new Error('expected a TCP address'));
      else resolve(address.port);
    });
  });
