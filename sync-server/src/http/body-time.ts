import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timer, Timers } from '@baton/schema/ports';

/** How long bodies may take to arrive: Node's own limit is one for all requests, and a long file over a thin line needs another. */
export interface BodyTimes {
  /** From here on the whole body must come in time. */
  readonly begin: (request: IncomingMessage, response: ServerResponse) => void;
  /** This one may take as long as it goes on coming. For askers who are known to be allowed. */
  readonly whileItComes: (request: IncomingMessage) => AsyncIterable<Uint8Array>;
}

/** The whole of a body; for one that may be long: between two pieces of it. */
const BODY_MS = 60_000;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** As Node cuts those that are too slow. */
const cut = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.complete) return;
  const { socket } = request;
  if (response.headersSent) socket.destroy();
  else socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy());
};

export const createBodyTimes = (timers: Pick<Timers, 'after' | 'mono'>): BodyTimes => {
  /** When a piece of a long body came last. */
  const lastAt = new WeakMap<IncomingMessage, number>();

  return {
    begin: (request, response) => {
      if (!hasBody(request)) return;
      let timer: Timer;
      const wait = (ms: number): void => {
        timer = timers.after(ms, () => {
          const rest = (lastAt.get(request) ?? Number.NEGATIVE_INFINITY) + BODY_MS - timers.mono();
          if (rest > 0) wait(rest);
          else cut(request, response);
        });
      };
      wait(BODY_MS);
      // not when it is answered: what comes behind a refusal is no less slow
      request.once('close', () => timer.clear());
    },
    whileItComes: async function* (request) {
      lastAt.set(request, timers.mono());
      for await (const part of request) {
        lastAt.set(request, timers.mono());
        yield part as Uint8Array;
      }
    },
  };
};
