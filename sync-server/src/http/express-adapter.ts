import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ERROR_CODES, type Refusal, refusal, refusalToEnvelope } from '@baton/schema/errors';
import { err, type Result } from '@baton/schema/result';
import type { Request, RequestHandler, Response } from 'express';
import { secretFromHeaders } from '../auth/access.ts';
import { type Action, mayEver, refusalOf } from '../auth/policy.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import { readJsonBody, sizeOfBody } from './body.ts';
import type { HttpContext } from './context.ts';
import type { RequestTraces } from './request-trace.ts';
import { type RawCall, type Reply, type Route, refused } from './route.ts';
import { readUpload } from './upload.ts';

export type SendRefusal = (response: Response, refusal: Refusal) => void;

/** Sends the error envelope, and tells of it. */
export const createSendRefusal = (onRefusal: OnRefusal, traces: RequestTraces): SendRefusal => {
  return (response, it) => {
    const { status } = ERROR_CODES[it.code];
    onRefusal(it.code, { via: 'http', status, ...traces.fields(response.req) });
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (status === 503) response.set('Retry-After', '1');
    if (status === 429) response.set('Retry-After', String(it.details?.['retryAfterSeconds'] ?? 1));
    response.status(status).json(refusalToEnvelope(it));
  };
};

/** Slow takers slow the source; a source that fails, or a taker that leaves, ends the other. */
const sendStream = async (request: Request, response: Response, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(Readable.from(chunks, { objectMode: false }), response);
};

/** What an answer varies by adds up; all else is said once. */
const setHeaders = (response: Response, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'Vary') response.vary(value);
    else response.set(name, value);
  }
};

const send = async (request: Request, response: Response, reply: Reply, refuse: SendRefusal): Promise<void> => {
  if (reply.type !== 'refused') setHeaders(response, reply.headers);
  switch (reply.type) {
    case 'refused':
      return refuse(response, reply.refusal);
    case 'json':
      response.status(reply.status).json(reply.body);
      return;
    case 'empty':
      response.status(reply.status).end();
      return;
    case 'bytes':
      response.send(Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength));
      return;
    case 'stream':
      await sendStream(request, response, reply.chunks);
      return;
  }
};

const goneSignal = (response: Response): AbortSignal => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
};

/** Route parameters are single segments here, never lists. */
const textParams = (request: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(request.params).filter((it): it is [string, string] => typeof it[1] === 'string'));

/** Routes whose body is kept: a day's bytes of a token are counted there. */
const STORES_BODY: ReadonlySet<Action> = new Set<Action>(['roster.write', 'ingest.write']);

/** A body that came, unless its sender has brought all that it may. */
const metered =
  ({ core }: HttpContext, { action }: Route, grant: RawCall['grant']) =>
  <T>(body: Result<T, Refusal>, bytes: number): Result<T, Refusal> => {
    if (!body.ok || grant === null || !STORES_BODY.has(action)) return body;
    const usedUp = core.quotas.takeBytes(grant, grant.eventId, bytes, 'edits');
    return usedUp === null ? body : err(usedUp);
  };

type Meter = ReturnType<typeof metered>;

const callOf = (
  request: Request,
  response: Response,
  grant: RawCall['grant'],
  pace: RawCall['pace'],
  { meter, bodies }: { readonly meter: Meter; readonly bodies: HttpContext['bodies'] },
): RawCall => ({
  grant,
  params: textParams(request),
  query: { ...request.query },
  accept: (request.headers.accept ?? '').toLowerCase(),
  ifNoneMatch: request.headers['if-none-match'] ?? null,
  signal: goneSignal(response),
  pace,
  upload: () => bodies.whileItComes(request),
  readBody: async () => {
    const body = await readJsonBody(request, response);
    return meter(body, sizeOfBody(request));
  },
  readUpload: async (maxBytes) => {
    const upload = await readUpload(request, maxBytes);
    return meter(upload, upload.ok ? upload.value.length : 0);
  },
});

/** Stops in the middle when the grant ends there. */
async function* whileHolding(
  chunks: AsyncIterable<Uint8Array>,
  holds: () => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    if (!holds()) throw new Error('the token was revoked or has expired');
    yield chunk;
  }
}

/** A long poll or an export may outlast the token that asked for it: what it reads then is not for its bearer. */
const ifStillHolding = (reply: Reply, holds: () => boolean): Reply => {
  if (reply.type === 'refused' || reply.type === 'empty') return reply;
  if (!holds()) return refused(refusal('UNAUTHORIZED', 'the token was revoked or has expired'));
  return reply.type === 'stream' ? { ...reply, chunks: whileHolding(reply.chunks, holds) } : reply;
};

/** A route as Express calls it: who is asking, whether they ever may, and only then what. */
export const adapt = (context: HttpContext, route: Route, refuse: SendRefusal): RequestHandler => {
  const { core, traces, bodies } = context;
  const handle = async (request: Request, response: Response): Promise<void> => {
    const secret = secretFromHeaders(request.headers);
    const authenticated = secret === null ? null : core.access.authenticate(secret, request.socket.remoteAddress);
    if (authenticated?.ok === false) return refuse(response, authenticated.error);
    const grant = authenticated?.value ?? null;
    if (grant !== null) traces.noteGrant(request, grant);
    const never = refusalOf(mayEver(grant, route.action));
    if (never !== null) return refuse(response, never);
    const reply = await route.handle(
      callOf(request, response, grant, core.pace, { meter: metered(context, route, grant), bodies }),
    );
    const reads = grant !== null && route.action.endsWith('.read');
    await send(request, response, reads ? ifStillHolding(reply, () => core.access.holds(grant)) : reply, refuse);
  };
  return (request, response, next) => {
    handle(request, response).catch(next);
  };
};
