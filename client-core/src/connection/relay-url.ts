import { err, ok, type Result } from '@baton/schema/result';

export interface BadRelayUrl {
  readonly type: 'bad-relay-url';
  readonly message: string;
}

const SOCKET_SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
};

const bad = (message: string): Result<never, BadRelayUrl> => err({ type: 'bad-relay-url', message });

const parse = (base: string): URL | null => {
  try {
    return new URL(base);
  } catch {
    return null; // the only thing URL throws on is what we report
  }
};

/**
 * A relay's address as people type it (`http`, `https`, `ws` or `wss`, a path prefix allowed) to
 * the address of one of its sockets, `/sync` say. Credentials, a query or a fragment are refused:
 * a token never goes into a URL.
 */
export const socketUrl = (base: string, path: string): Result<string, BadRelayUrl> => {
  const url = parse(base);
  const scheme = url === null ? undefined : SOCKET_SCHEMES[url.protocol];
  if (url === null || scheme === undefined) return bad('expected a relay address like http://host:8787');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return bad('expected a relay address without user, query or fragment');
  }
  return ok(`${scheme}//${url.host}${url.pathname.replace(/\/+$/, '')}${path}`);
};

/** The same address for HTTP requests below it: no trailing slash. */
export const httpUrl = (base: string, path: string): Result<string, BadRelayUrl> => {
  const socket = socketUrl(base, path);
  return socket.ok ? ok(socket.value.replace(/^ws/, 'http')) : socket;
};
