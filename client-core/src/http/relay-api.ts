import { ErrorEnvelope } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import type { z } from 'zod';
import { httpUrl } from '../connection/relay-url.ts';

/** Why a request came to nothing. */
export type ApiError =
  /** No answer: the network, the address, or too late. May be tried again. */
  | { readonly type: 'unreachable'; readonly message: string }
  /** The relay said no, and why. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      /** As the code has them; see docs/errors.md. */
      readonly details?: unknown;
    }
  /** An answer that no Baton relay gives. */
  | { readonly type: 'unexpected'; readonly message: string };

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The relay's HTTP API under `/api/v1`, answers judged by their schema. Browser-safe. */
export interface RelayApi {
  /** A body of bytes is sent as it is, any other as JSON. */
  readonly call: <S extends z.ZodType>(
    method: Method,
    path: string,
    answer: S,
    body?: unknown,
  ) => Promise<Result<z.infer<S>, ApiError>>;
  /** An answer too long to hold, as it comes. */
  readonly stream: (path: string) => Promise<Result<ReadableStream<Uint8Array>, ApiError>>;
}

export interface RelayApiOptions {
  /** Address of the relay, as `socketUrl` accepts it. */
  readonly relay: string;
  readonly token: string;
  /** Longest wait for a whole answer that is no stream, in ms. 10 s by default. */
  readonly answerMs?: number;
}

const unexpected = (message: string): Result<never, ApiError> => err({ type: 'unexpected', message });

/** What `fetch` itself says is "fetch failed"; the reason is in its cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
};

const parseJson = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined; // not JSON: no schema takes it
  }
};

const refused = async (response: Response): Promise<Result<never, ApiError>> => {
  const { status } = response;
  const envelope = ErrorEnvelope.safeParse(parseJson(await response.text()));
  if (!envelope.success) return unexpected(`HTTP ${status} without an error envelope; is this address a Baton relay?`);
  const { code, message, details } = envelope.data;
  return err({ type: 'refused', status, code, message, ...(details === undefined ? {} : { details }) });
};

const isBytes = (body: unknown): body is Uint8Array<ArrayBuffer> => body instanceof Uint8Array;

const contentTypeOf = ({ body }: RequestInit): string =>
  isBytes(body) || body instanceof ReadableStream ? 'application/octet-stream' : 'application/json';

/** Taken as it goes out. */
const streamOf = (bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const parts = bytes[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const part = await parts.next();
      if (part.done === true) controller.close();
      else controller.enqueue(part.value);
    },
    cancel: async () => {
      await parts.return?.();
    },
  });
};

const isEmpty = ({ status }: Response): boolean => status === 204 || status === 205;

const bodyOf = async (response: Response): Promise<Result<unknown, ApiError>> => {
  try {
    return ok(isEmpty(response) ? null : parseJson(await response.text()));
  } catch (error) {
    return err({ type: 'unreachable', message: reasonOf(error) }); // cut in the middle of the answer
  }
};

const judge = async <S extends z.ZodType>(
  what: string,
  answer: S,
  response: Result<Response, ApiError>,
): Promise<Result<z.infer<S>, ApiError>> => {
  const text = response.ok ? await bodyOf(response.value) : response;
  if (!text.ok) return text;
  const parsed = answer.safeParse(text.value);
  return parsed.success ? ok(parsed.data) : unexpected(`${what}: the answer is not what Baton answers`);
};

const createAsk =
  ({ relay, token }: Pick<RelayApiOptions, 'relay' | 'token'>) =>
  async (path: string, init: RequestInit): Promise<Result<Response, ApiError>> => {
    const url = httpUrl(relay, `/api/v1${path}`);
    if (!url.ok) return err({ type: 'unreachable', message: url.error.message });
    try {
      const response = await fetch(url.value, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': contentTypeOf(init) },
      });
      return response.ok ? ok(response) : await refused(response);
    } catch (error) {
      return err({ type: 'unreachable', message: reasonOf(error) }); // fetch fails only by network or time
    }
  };

export const createRelayApi = ({ answerMs = 10_000, ...options }: RelayApiOptions): RelayApi => {
  const ask = createAsk(options);
  return {
    call: async (method, path, answer, body) => {
      const signal = AbortSignal.timeout(answerMs);
      const response = await ask(path, {
        method,
        signal,
        ...(body === undefined ? {} : { body: isBytes(body) ? body : JSON.stringify(body) }),
      });
      return judge(`${method} ${path}`, answer, response);
    },
    stream: async (path) => {
      // no time limit of our own: a long export may pause; the client library bounds silence
      const response = await ask(path, {});
      if (!response.ok) return response;
      // piped, and so locked: the runtime cuts a body that nobody reads yet when it collects the answer it belongs to, and
      // whoever reads it then is told an early end, not a failure
      return response.value.body === null
        ? unexpected(`${path}: the answer has no body`)
        : ok(response.value.body.pipeThrough(new TransformStream()));
    },
  };
};

/** Streams are sent only by those who say so; the type of `fetch` in browsers does not know it. */
const HALF_DUPLEX = { duplex: 'half' } as const;

/** Posts bytes too many to hold, as they are taken; the answer may come long after the last of them. */
export const postBytes = async <S extends z.ZodType>(
  options: Pick<RelayApiOptions, 'relay' | 'token'>,
  path: string,
  answer: S,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Result<z.infer<S>, ApiError>> => {
  const init: RequestInit = { method: 'POST', body: streamOf(bytes), ...HALF_DUPLEX };
  return judge(`POST ${path}`, answer, await createAsk(options)(path, init));
};
