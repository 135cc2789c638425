import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostPort } from '@baton/schema/command';
import { ERROR_CODES, refusal, refusalToEnvelope } from '@baton/schema/errors';
import type { Log } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { ControlHandler, ControlResponse } from './control-api.ts';

export interface ControlServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface ControlServerError {
  readonly type: 'cannot-listen';
  readonly message: string;
}

/** A selection of 1,000 streams has some 260 KB at most. */
const MAX_BODY_BYTES = 512 * 1024;
/** A request that is not complete by then is cut. */
const REQUEST_MS = 10_000;

const TOO_LARGE: ControlResponse = {
  status: ERROR_CODES.PAYLOAD_TOO_LARGE.status,
  body: refusalToEnvelope(refusal('PAYLOAD_TOO_LARGE', `expected at most ${MAX_BODY_BYTES} bytes`)),
};

const DEFECT: ControlResponse = {
  status: ERROR_CODES.INTERNAL_ERROR.status,
  body: refusalToEnvelope(refusal('INTERNAL_ERROR', 'the receiver failed; its log has the cause')),
};

/** Null: too large. */
const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const respond = (response: ServerResponse, { status, body }: ControlResponse): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
};

const answer = async (handler: ControlHandler, request: IncomingMessage): Promise<ControlResponse> => {
  const body = await readBody(request);
  if (body === null) return TOO_LARGE;
  const { method = '', url = '', headers } = request;
  const [path = ''] = url.split('?', 1);
  return handler({ method, path, host: headers.host ?? null, origin: headers.origin ?? null, body });
};

const portOf = (server: Server): number => {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
};

/** Serves the control API on a loopback address; port 0 means any free one. */
export const serveControl = (
  at: HostPort,
  handler: ControlHandler,
  log: Log,
): Promise<Result<ControlServer, ControlServerError>> =>
  new Promise((resolve) => {
    const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      answer(handler, request).then(
        (reply) => respond(response, reply),
        (error: unknown) => {
          if (request.destroyed && !request.complete) return; // the client went away while it was sending
          log.error('the control API failed', { error: String(error) });
          respond(response, DEFECT);
        },
      );
    });
    server.once('error', (error) => {
      resolve(err({ type: 'cannot-listen', message: `cannot listen on ${at.host}:${at.port}: ${error.message}` }));
    });
    server.listen(at.port, at.host, () => {
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve(ok({ port: portOf(server), close }));
    });
  });
