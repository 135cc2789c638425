import { connect } from 'node:net';
import type { FeedMessage } from '@baton/schema/feed';
import { WebSocket } from 'ws';
import type { RelayFixture } from '../http/relay-fixture.ts';

/** A spectator as a page is one, and all that it was told. */
export interface Spectator {
  readonly socket: WebSocket;
  readonly messages: readonly FeedMessage[];
  readonly closed: () => { readonly code: number; readonly reason: string } | null;
  /** Resolves with the message that satisfies it, also one that has come before. */
  readonly until: (isIt: (message: FeedMessage) => boolean) => Promise<FeedMessage>;
  readonly untilClosed: () => Promise<{ readonly code: number; readonly reason: string }>;
}

export const watch = (f: Pick<RelayFixture, 'base'>, eventId: string, autoPong = true): Promise<Spectator> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${f.base.replace('http', 'ws')}/api/v1/events/${eventId}/ws`, { autoPong });
    const messages: FeedMessage[] = [];
    const waiting = new Set<() => void>();
    let closed: { code: number; reason: string } | null = null;
    const changed = (): void => {
      for (const check of [...waiting]) check();
    };
    const waitFor = <T>(find: () => T | undefined | null): Promise<T> =>
      new Promise((found) => {
        const check = (): void => {
          const it = find();
          if (it == null) return;
          waiting.delete(check);
          found(it);
        };
        waiting.add(check);
        check();
      });
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString('utf8')) as FeedMessage);
      changed();
    });
    socket.once('close', (code, reason) => {
      closed = { code, reason: reason.toString('utf8') };
      changed();
    });
    socket.once('unexpected-response', (_, response) => {
      reject(new Error(`refused with ${response.statusCode}`));
      response.resume();
    });
    socket.on('error', (error) => reject(error));
    socket.once('open', () =>
      resolve({
        socket,
        messages,
        closed: () => closed,
        until: (isIt) => waitFor(() => messages.find(isIt)),
        untilClosed: () => waitFor(() => closed),
      }),
    );
  });

/** An upgrade as bytes; resolves with all that comes back before the relay ends the connection. */
export const rawUpgrade = (
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly head: string; readonly body: unknown }> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // an upgrade that was taken stays open: it is seen enough of
      if (text.startsWith('HTTP/1.1 101')) socket.destroy();
    });
    socket.once('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n', 2);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
      resolve({ status, head, body: body.startsWith('{') ? JSON.parse(body) : body });
    });
    socket.once('error', reject);
    const lines = {
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      // the only thing that two answers would differ by
      'X-Request-Id': '0'.repeat(32),
      ...headers,
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${target} HTTP/1.1\r\n${head.join('')}\r\n`);
  });

export const feedPath = (eventId: string): string => `/api/v1/events/${eventId}/ws`;
