/** The relay's HTTP API, as an outsider sees it: a path, a body, a status. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Api {
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Fails unless the status is 2xx. */
  readonly must: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** The body as bytes; fails unless 200. */
  readonly bytes: (path: string) => Promise<Buffer>;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export const createApi = (base: string, token: string | null): Api => {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = (method: string, path: string, body: unknown): Promise<Response> =>
    fetch(`${base}/api/v1${path}`, {
      method,
      headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await request(method, path, body);
    return { status: response.status, body: parse(await response.text()) };
  };
  return {
    call,
    must: async (method, path, body) => {
      const answer = await call(method, path, body);
      if (answer.status < 200 || answer.status > 299) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      return answer.body;
    },
    bytes: async (path) => {
      const response = await request('GET', path, undefined);
      if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
};

/** A string property of an answer; fails when it is not there. */
export const textOf = (body: unknown, name: string): string => {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'string') throw new Error(`expected a text ${name} in ${JSON.stringify(body)}`);
  return value;
};
