import { connect } from 'node:net';
import { ErrorEnvelope } from '@baton/schema/errors';
import { MAX_LIST_BYTES } from '@baton/schema/roster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../src/auth/grant.ts';
import { type Actor, mayEver } from '../../src/auth/policy.ts';
import { allRoutes, createContext } from '../../src/http/app.ts';
import { MAX_BODY_BYTES } from '../../src/http/body.ts';
import { createEvent, createRace, createToken, type RelayFixture, seedStream, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let raceId: string;
const tokens: Partial<Record<Actor, string>> = {};
beforeAll(async () => {
  f = await startRelay({ http: { allowOrigins: ['https://scores.example'] } });
  await createEvent(f, 'e1');
  ({ raceId } = await createRace(f, 'e1'));
  await seedStream(f, 'e1', 'f1.mat', { 1: ['a', 'b'] });
  for (const role of ['operator', 'receiver', 'forwarder', 'viewer'] as const) {
    tokens[role] = await createToken(f, role, 'e1', role === 'receiver' || role === 'forwarder' ? 'f1' : undefined);
  }
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

/** Every route there is, without a relay: only their shapes are looked at. */
const routes = async () => {
  const shapes = await startRelay();
  const all = allRoutes(
    createContext(shapes.core, {
      pagesDir: null,
      allowOrigins: [],
      publicMetrics: false,
      nodeDegradedMs: 1,
      nodeOfflineMs: 2,
      writerStuckMs: 1000,
    }),
  );
  await shapes.close();
  return all.map(({ method, path, action }) => ({ method: method.toUpperCase(), path, action }));
};
const ROUTES = await routes();

const fill = (path: string, id: (name: string) => string): string =>
  path.replace(/:([A-Za-z]+)/g, (_, name: string) => id(name));

const REAL: Readonly<Record<string, () => string>> = {
  eventId: () => 'e1',
  raceId: () => raceId,
  streamId: () => 'f1.mat',
  epoch: () => '1',
  k: () => '0',
  after: () => '0',
  tokenId: () => 'none',
  forwarderId: () => 'f1',
};
const real = (name: string): string => REAL[name]?.() ?? 'x';

/** A refusal is the envelope and nothing else, and names what is wrong with a request; nothing of the inside leaks. */
const expectEnvelope = (answer: { readonly text: string; readonly body: unknown }): void => {
  expect(ErrorEnvelope.strict().safeParse(answer.body).success, answer.text).toBe(true);
  const { code, details } = answer.body as ErrorEnvelope;
  if (code === 'BAD_REQUEST') expect(details?.['fields'] ?? details?.['lines'], answer.text).toBeDefined();
  expect(answer.text).not.toMatch(/node_modules|\.ts:|Error:| at \/|sqlite/);
};

describe('every route', () => {
  it('is one of those that PROTOCOL.md names, and all of them are met below', () => {
    expect(ROUTES.length).toBeGreaterThan(30);
    for (const { path } of ROUTES) expect(path).toMatch(/^\/(?:api\/v1\/|healthz$|readyz$|metrics$)/);
  });

  it.each(ROUTES)('[P14] $method $path asks who is there before all else', async ({ method, path, action }) => {
    const target = fill(path, real);
    const wrong = await f.askAsIs(method, target, { token: 'wrong', raw: 'not read' });
    expect(wrong.status).toBe(401);
    expectEnvelope(wrong);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    const nobody = await f.ask(method, target, { token: null });
    const open = mayEver(null, action) === 'allowed';
    if (!open) expect(nobody).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    else expect(nobody.status).not.toBe(401);
  });

  it.each(ROUTES)('[P15] $method $path refuses the roles that never may', async ({ method, path, action }) => {
    for (const role of ['operator', 'receiver', 'forwarder', 'viewer'] as const) {
      const grant: Grant = { role, tokenId: null, eventId: null, nodeId: null, label: null, expiresAt: null };
      if (mayEver(grant, action) === 'allowed') continue;
      const answer = await f.ask(method, fill(path, real), {
        token: tokens[role] ?? '',
        body: method === 'GET' ? undefined : {},
      });
      expect(answer, role).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expectEnvelope(answer);
    }
  });

  const HOSTILE = [
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '%00',
    '%0d%0aX-Injected:%201',
    'a%2fb',
    '%ff',
    '%zz',
    '%E2%80%AE',
    '__proto__',
    "'%20OR%201=1--",
    '<img%20src=x>',
    'x'.repeat(4000),
  ];
  it.each(ROUTES.filter(({ path }) => path.includes(':')))(
    '[P16] $method $path takes no hostile name in any place',
    async ({ method, path }) => {
      const names = [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] ?? '');
      for (const name of names) {
        for (const hostile of HOSTILE) {
          const target = fill(path, (it) => (it === name ? hostile : real(it)));
          const answer = await f.askAsIs(method, target, method === 'GET' || method === 'DELETE' ? {} : { raw: '{}' });
          expect([400, 404], `${method} ${target.slice(0, 120)}`).toContain(answer.status);
          expectEnvelope(answer);
          expect(answer.headers.get('x-injected')).toBeNull();
        }
      }
    },
  );

  const BODIES: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
    ['no JSON', 'not json'],
    ['half of JSON', '{"a":'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an unknown field', '{"nobodyKnows":1}'],
    ['a prototype', '{"__proto__":{"admin":true}}'],
    ['deep nesting', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0x00)],
  ];
  /** These take no body; whatever comes is not even read. */
  const bodiless = (path: string): boolean => /activate-next$|reset-epoch$|\/open$/.test(path);
  it.each(ROUTES.filter(({ method, path }) => ['POST', 'PUT', 'PATCH'].includes(method) && !bodiless(path)))(
    '[P16] [RN-28] $method $path takes no malformed body',
    async ({ method, path }) => {
      for (const [what, raw] of BODIES) {
        const answer = await f.ask(method, fill(path, real), { raw, headers: { 'Content-Type': 'application/json' } });
        expect(answer, what).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
        expectEnvelope(answer);
      }
      // nothing is the change of nothing, and otherwise not enough
      const nothing = await f.ask(method, fill(path, real));
      expect(nothing.status).toBe(method === 'PATCH' && !path.endsWith('/status') ? 200 : 400);
      const limit = path.endsWith('/roster') ? MAX_LIST_BYTES : MAX_BODY_BYTES;
      const big = await f.ask(method, fill(path, real), { raw: ' '.repeat(limit + 1) });
      expect(big).toMatchObject({
        status: 413,
        body: { code: 'PAYLOAD_TOO_LARGE', details: { limit } },
      });
      expectEnvelope(big);
      const gzip = await f.ask(method, fill(path, real), { raw: '{}', headers: { 'Content-Encoding': 'gzip' } });
      expect(gzip.status).toBe(400);
    },
  );
});

describe('every answer', () => {
  it('says what a browser may do with it', async () => {
    for (const path of ['/healthz', '/api/v1/events', '/nowhere', '/api/v1/me']) {
      const { headers } = await f.ask('GET', path, { token: null });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("connect-src 'self' ws: wss:");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-inline');
      expect(policy).not.toMatch(/'unsafe-eval'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('[SX-17] refuses a token in the URL, whoever asks for whatever', async () => {
    for (const path of ['/healthz?token=a', '/api/v1/events?token=', '/nowhere?a=b&token=c', '/?token=x']) {
      for (const token of [null, tokens.operator ?? '']) {
        const answer = await f.ask('GET', path, { token });
        expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
        expectEnvelope(answer);
      }
    }
  });

  it('refuses a foreign origin, and answers an allowed one so that its page may read it', async () => {
    const from = (origin: string, method = 'GET') => f.ask(method, '/api/v1/events', { headers: { Origin: origin } });
    expect(await from('https://evil.example')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await from('null')).toMatchObject({ status: 403 });
    expect((await from(f.base)).status).toBe(200);
    const allowed = await from('https://scores.example');
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://scores.example');
    expect(allowed.headers.get('vary')).toContain('Origin');
    const preflight = await from('https://scores.example', 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect((await from('https://evil.example', 'OPTIONS')).status).toBe(403);
  });

  it.each(['/nowhere', '/api/v1/nowhere', '/api/v2/events', '/API/v1/events', '/api/v1/events/e1/nowhere'])(
    'that nobody has is an envelope: %s',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await f.ask(method, path);
        expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
        expectEnvelope(answer);
      }
    },
  );

  it('of a method that a path does not take is an envelope', async () => {
    expect(await f.ask('DELETE', '/api/v1/events')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('of a defect tells nothing of its cause, which the log has', async () => {
    const { registry } = f.core;
    const { events } = registry;
    Object.assign(registry, {
      events: () => {
        throw new Error('secret /var/lib/baton/relay.sqlite');
      },
    });
    const answer = await f.ask('GET', '/api/v1/events');
    Object.assign(registry, { events });
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
    expect(answer.text).not.toContain('secret');
    expect(f.defects.splice(0)).toMatchObject([
      { message: 'a request failed', cause: expect.stringContaining('secret') },
    ]);
  });
});

describe('requests no client of ours sends', () => {
  /** Sends bytes as they are; resolves with all that comes back before the relay closes. */
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(f.port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.once('close', () => resolve(text));
      socket.once('error', reject);
      socket.end(bytes);
    });

  it.each([
    ['a path that climbs', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a path that climbs in the API', 'GET /api/v1/events/../../x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['an absolute target', 'GET http://evil.example/api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a path of 10 KB', `GET /api/v1/events/${'x'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    [
      'a length and chunks',
      'POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('[P16] %s gets an error, and the relay goes on', async (_, bytes) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('root:');
    expect((await f.ask('GET', '/healthz', { token: null })).status).toBe(200);
  });

  it('a body that breaks off harms nobody', async () => {
    const head = `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.operator}\r\nContent-Length: 100\r\n\r\n{"ti`;
    await raw(head).catch(() => '');
    expect((await f.ask('GET', '/healthz', { token: null })).status).toBe(200);
  });
});
