/** Everything an HTTP call can come to; none of it is an exception. */
export type HttpReply =
  | { readonly type: 'ok'; readonly body: unknown; readonly etag: string | null }
  | { readonly type: 'not-modified' }
  /** The relay said no: its code and message, or the bare status when something in between answered. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  /** No answer at all: no network, no relay, or too slow. */
  | { readonly type: 'unreachable' };

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Answer of last time: `not-modified` comes back when nothing changed. */
  readonly etag?: string | null;
}

/** Calls the relay that served the page; `path` begins with `/api`. */
export type Http = (path: string, request?: HttpRequest) => Promise<HttpReply>;

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Longest wait for an answer. */
const TIMEOUT_MS = 15_000;

const headersOf = (token: string | null, request: HttpRequest): Record<string, string> => ({
  accept: 'application/json',
  ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(typeof request.etag === 'string' ? { 'if-none-match': request.etag } : {}),
});

const jsonOf = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const textField = (body: unknown, name: string): string | null => {
  if (typeof body !== 'object' || body === null) return null;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' ? value : null;
};

const detailsOf = (body: unknown): Readonly<Record<string, unknown>> => {
  const details: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'details') : null;
  return typeof details === 'object' && details !== null ? { ...details } : {};
};

const refusedBy = (status: number, body: unknown): HttpReply => ({
  type: 'refused',
  status,
  code: textField(body, 'code') ?? `HTTP_${status}`,
  message: textField(body, 'message') ?? `The relay answered ${status}.`,
  details: detailsOf(body),
});

/** Calls with a token, or as anybody. */
export const createHttp =
  (fetch: FetchLike, token: string | null): Http =>
  async (path, request = {}) => {
    const init: RequestInit = {
      method: request.method ?? 'GET',
      headers: headersOf(token, request),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    };
    try {
      const response = await fetch(path, init);
      if (response.status === 304) return { type: 'not-modified' };
      const body = jsonOf(await response.text());
      if (!response.ok) return refusedBy(response.status, body);
      return { type: 'ok', body, etag: response.headers.get('etag') };
    } catch (error) {
      // Fetch rejects with TypeError (no connection) or DOMException (timed out); both mean: no answer.
      if (error instanceof TypeError || error instanceof DOMException) return { type: 'unreachable' };
      throw error;
    }
  };
