import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { allRoutes, createContext } from '../../src/http/app.ts';
import { createEvent, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';

let f: RelayFixture;
let operator: string;
beforeAll(async () => {
  f = await startRelay({ http: { allowOrigins: ['https://scores.example'] } });
  await createEvent(f, 'e1');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const SOCKETS = [
  '/sync',
  '/docs/events/e1/setup',
  '/docs/nowhere',
  '/ws/v1/forwarders',
  '/ws/v1/receivers',
  '/ws/v1.1/receivers',
  '/no-socket-at-all',
];

/** An upgrade as bytes; resolves with all that comes back before the relay ends the connection. */
const upgrade = (target: string, headers: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(f.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
    const lines = {
      Host: `127.0.0.1:${f.port}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${target} HTTP/1.1\r\n${head.join('')}\r\n`);
  });

describe('the door of every WebSocket', () => {
  it.each(SOCKETS)(
    '[SX-17] %s refuses a token in its URL with 401 before the upgrade, also beside a good one',
    async (path) => {
      for (const query of ['token=x', `token=${operator}`, 'a=b&token=', '%74oken=x', 'a=b?&token=x']) {
        for (const headers of [{}, { Authorization: `Bearer ${operator}` }]) {
          const answer = await upgrade(`${path}?${query}`, headers);
          expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
          expect(answer).toContain('"code":"UNAUTHORIZED"');
          expect(answer).not.toContain('101 Switching');
          expect(answer).not.toContain(operator);
        }
      }
    },
  );

  it.each(SOCKETS)(
    '[P14] %s refuses a foreign origin with 403 before the upgrade, whatever its token',
    async (path) => {
      for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${f.port + 1}`]) {
        const answer = await upgrade(path, { Origin: origin, Authorization: `Bearer ${operator}` });
        expect(answer, origin).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
        expect(answer).toContain('"code":"FORBIDDEN"');
      }
    },
  );

  it('lets in its own origin, one allowed by name, and programs, which have none', async () => {
    for (const origin of [f.base, 'https://scores.example', undefined]) {
      const socket = new WebSocket(`${f.base.replace('http', 'ws')}/docs/events/e1/setup`, {
        headers: { Authorization: `Bearer ${operator}` },
        ...(origin === undefined ? {} : { origin }),
      });
      await new Promise((resolve, reject) => {
        socket.once('message', resolve);
        socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
      });
      socket.removeAllListeners('close');
      socket.close();
    }
  });

  it('[P14] never says the secret back: only baton.v1 of the offered subprotocols is answered', async () => {
    for (const protocols of [['baton.v1', `bearer.${operator}`], [`bearer.${operator}`]]) {
      const socket = new WebSocket(`${f.base.replace('http', 'ws')}/docs/events/e1/setup`, protocols);
      const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve) => {
        socket.once('upgrade', (response) => resolve(response.headers));
        // a client that offered only its bearer is answered none, which `ws` takes for a failure
        socket.once('error', () => {});
      });
      expect(JSON.stringify(headers)).not.toContain(operator);
      expect(headers['sec-websocket-protocol']).toBe(protocols.length === 2 ? 'baton.v1' : undefined);
      socket.terminate();
    }
  });
});

describe('the door of every route', () => {
  const routes = () =>
    allRoutes(
      createContext(f.core, {
        pagesDir: null,
        allowOrigins: [],
        publicMetrics: false,
        nodeDegradedMs: 1,
        nodeOfflineMs: 2,
        writerStuckMs: 1000,
      }),
    );

  it('[SX-17] refuses a token in the URL with 401 and a foreign origin with 403, whatever else is right', async () => {
    const all = [
      ...routes().map(({ method, path }) => [method.toUpperCase(), path.replace(/:\w+/g, 'x')]),
      ['GET', '/operate'],
    ];
    expect(all.length).toBeGreaterThan(30);
    for (const [method = '', path = ''] of all) {
      const inUrl = await f.ask(method, `${path}?token=${operator}`);
      expect(inUrl, `${method} ${path}`).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
      expect(inUrl.text).not.toContain(operator);
      const foreign = await f.ask(method, path, { headers: { Origin: 'https://evil.example' } });
      expect(foreign, `${method} ${path}`).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

/** Bytes as they are, and others behind the first answer; resolves with all that comes back before the relay ends the connection. */
const sendRaw = (bytes: string, behind?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(f.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    if (behind !== undefined) socket.once('data', () => socket.write(behind, 'latin1'));
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
    socket.write(bytes, 'latin1');
  });

const envelopeIn = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('a frame over the limit', () => {
  /** How a connection ends over one frame of that many bytes. */
  const endOver = (path: string, token: string, bytes: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${f.base.replace('http', 'ws')}${path}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      socket.once('open', () => socket.send(Buffer.alloc(bytes)));
      socket.once('close', resolve);
      socket.once('error', reject);
    });

  it.each([
    ['/sync', 1024 * 1024 + 513],
    ['/sync', 9 * 1024 * 1024],
    ['/docs/events/e1/setup', 4 * 1024 * 1024 + 1],
    ['/docs/events/e1/setup', 12 * 1024 * 1024],
    ['/api/v1/live', 64 * 1024 + 1],
    ['/api/v1/live', 9 * 1024 * 1024],
  ])('[P16] ends %s with 4413, be it a little or far beyond it (%i bytes)', async (path, bytes) => {
    expect(await endOver(path, operator, bytes)).toBe(4413);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['bytes', '\x00\xffgarbage\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a version to come', 'GET / HTTP/9.9\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a method that is none', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a head of 9 KB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('[RN-28] [P16] %s: the envelope, and the end of the connection', async (_, bytes, status, code) => {
    const answer = await sendRaw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/\r\nX-Request-Id: /);
    expect(envelopeIn(answer)).toMatchObject({ code, message: expect.any(String), retryable: false });
  });

  it.each([
    ['key', { 'Sec-WebSocket-Key': 'zz' }],
    ['version', { 'Sec-WebSocket-Version': '12' }],
    ['protocol', { Upgrade: 'h2c' }],
  ])('[RN-28] [P16] an upgrade with a %s that is none: the envelope, too', async (_, headers) => {
    const answer = await upgrade('/sync', headers);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(envelopeIn(answer)).toMatchObject({ code: 'BAD_REQUEST', message: expect.any(String) });
  });

  it('[P16] is not answered behind an answer, of which it would be taken for a part', async () => {
    const answer = await sendRaw('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '\x00garbage\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toContain('BAD_REQUEST');
  });
});

describe('an address that offers too many wrong tokens', () => {
  it('[P16] is told to wait on HTTP (429, Retry-After) and sockets (4429); minted tokens go on, what is public too', async () => {
    const relay = await startRelay();
    await createEvent(relay, 'e1');
    const viewer = await createToken(relay, 'viewer', 'e1');
    const wrong = () => relay.ask('GET', '/api/v1/me', { token: 'wrong' });
    expect((await wrong()).status).toBe(401);
    /** The rest of the address's guesses; a few more are its own again each second. */
    const useUp = (): void => {
      const guess = () => relay.core.access.authenticate('wrong', '127.0.0.1');
      for (let answer = guess(); !answer.ok && answer.error.code === 'UNAUTHORIZED'; ) answer = guess();
    };
    const untilTold = async <T>(ask: () => Promise<T>, isTold: (answer: T) => boolean): Promise<T> => {
      for (;;) {
        useUp();
        const answer = await ask();
        if (isTold(answer)) return answer;
      }
    };
    const told = await untilTold(wrong, ({ status }) => status !== 401);
    expect(told).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', retryable: true } });
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
    const knock = (): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${relay.base.replace('http', 'ws')}/sync`, ['baton.v1', 'bearer.wrong']);
        socket.once('close', resolve);
      });
    expect(await untilTold(knock, (code) => code !== 4401)).toBe(4429);
    expect((await relay.ask('GET', '/api/v1/me', { token: viewer })).status).toBe(200);
    expect((await relay.ask('GET', '/api/v1/events', { token: null })).status).toBe(200);
    await relay.close();
    expect(relay.defects).toEqual([]);
  });
});
