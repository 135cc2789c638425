import { setImmediate as turn } from 'node:timers/promises';
import { createJsonLog, type Log } from '@baton/schema/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { allRoutes, createContext } from '../../src/http/app.ts';
import { systemTimers } from '../../src/platform/node-time.ts';
import { createRefusalLog } from '../../src/watching/refusals.ts';
import { hideSecrets } from '../../src/watching/secret-filter.ts';
import { ADMIN, createEvent, createToken, type RelayFixture, seedStream, startRelay } from './relay-fixture.ts';

/** Lines that the relay's parts write, before the last filter and after it. */
const raw: string[] = [];
const lines: string[] = [];
const both = (): Log => {
  const write = (to: string[]) => createJsonLog({ clock: { now: Date.now }, write: (line) => to.push(line) }, 'debug');
  const [first, last] = [write(raw), hideSecrets(write(lines), [ADMIN])];
  const at =
    (level: keyof Log): Log['info'] =>
    (message, fields) => {
      first[level](message, fields);
      last[level](message, fields);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** Every refusal gets its line here: no budget that hides one. */
const timers = {
  ...systemTimers,
  mono: (() => {
    let now = 0;
    return () => (now += 10_000);
  })(),
};

let f: RelayFixture;
/** Of an operator; gone bad; and never any good. */
let canaries: { readonly good: string; readonly revoked: string; readonly made: string };
beforeAll(async () => {
  const journal = both();
  f = await startRelay({ journal, onRefusal: createRefusalLog({ journal, timers }) });
  await createEvent(f, 'e1');
  await seedStream(f, 'e1', 'f1.mat', { 1: ['a'] });
  const good = await createToken(f, 'operator', 'e1');
  const revoked = await createToken(f, 'operator', 'e1');
  const { tokens } = (await f.ask('GET', '/api/v1/tokens')).body as { tokens: { tokenId: string }[] };
  await f.ask('DELETE', `/api/v1/tokens/${tokens.at(-1)?.tokenId}`);
  canaries = { good, revoked, made: 'Canary-_0123456789abcdefghijklmnopqrstuvwxy' };
});
afterAll(() => f.close());

const routesOf = ({ core }: RelayFixture) => {
  const options = { pagesDir: null, allowOrigins: [], publicMetrics: false, writerStuckMs: 1 };
  return [
    ...allRoutes(createContext(core, { ...options, nodeDegradedMs: 1, nodeOfflineMs: 2 })),
    { method: 'get', path: '/api/v1/live/sse' },
    { method: 'get', path: '/nowhere' },
  ].map(({ method, path }) => ({ method: method.toUpperCase(), path }));
};

const at = (path: string, id: string): string => path.replace(/:[A-Za-z]+/g, id);

const noCanaryIn = (texts: readonly string[]): void => {
  const all = texts.join('');
  for (const secret of [...Object.values(canaries), ADMIN]) expect(all).not.toContain(secret);
};

/** Three requests of each route: in the path and every header, in the query, and where a token must not be. */
const askEverywhere = async (token: string | null, canary: string): Promise<void> => {
  const headers = {
    'X-Request-Id': canary,
    Cookie: `token=${canary}`,
    Referer: `http://x/?token=${canary}`,
    'User-Agent': canary,
    'If-None-Match': canary,
    'Last-Event-ID': canary,
  };
  for (const { method, path } of routesOf(f)) {
    const ask = { token, headers, ...(method === 'GET' ? {} : { raw: '{"broken' }) };
    await Promise.all([
      f.ask(method, at(path, canary), ask),
      f.ask(method, `${at(path, 'x')}?q=${canary}&eventId=${canary}`, ask),
      f.ask(method, `${at(path, 'x')}?token=${canary}`, {
        ...ask,
        headers: { ...headers, Origin: `https://${canary}` },
      }),
    ]);
  }
};

const SOCKETS = ['/sync', '/docs/events/e1/setup', '/ws/v1/forwarders', '/ws/v1/receivers', '/ws/v1.1/receivers'];

/** Opens, says something, and waits for the end or for an answer. */
const knock = (path: string, protocols: readonly string[], says: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${f.base.replace('http', 'ws')}${path}`, [...protocols], {
      headers: { 'X-Request-Id': canaries.good },
    });
    const over = (): void => {
      socket.terminate();
      resolve();
    };
    socket.on('error', over);
    socket.once('close', over);
    socket.once('open', () => socket.send(says));
    socket.once('message', over);
  });

describe('[P15] no secret is in any line of the log', () => {
  it('wherever it is offered over HTTP, as it should be or not', async () => {
    for (const token of [canaries.good, ADMIN]) await askEverywhere(token, canaries.good);
    for (const token of [canaries.revoked, canaries.made]) await f.ask('GET', '/api/v1/me', { token });
    expect(raw.length).toBeGreaterThan(200);
    noCanaryIn(raw);
    noCanaryIn([(await f.ask('GET', '/metrics')).text]);
  });

  it('nor on sockets', async () => {
    const before = raw.length;
    for (const secret of Object.values(canaries)) {
      for (const path of [...SOCKETS, '/nowhere', `/docs/${secret}`, `/sync/${secret}`, `/${secret}`]) {
        await knock(path, ['baton.v1', `bearer.${secret}`], `{"type":"hello","token":"${secret}"}`);
        await knock(`${path}?token=${secret}`, ['baton.v1'], secret);
      }
      await knock('/api/v1/live', [], `{"type":"auth","payload":{"token":"${secret}"}}`);
      await knock(`/api/v1/events/${secret}/ws`, [], secret);
    }
    await turn();
    expect(raw.length).toBeGreaterThan(before + 40);
    noCanaryIn(raw);
  });

  it('nor where somebody puts it in the place of a name: the last filter takes it out', async () => {
    const { made } = canaries;
    const nodeId = made;
    await f.ask('POST', '/api/v1/nodes/attach', {
      body: { eventId: 'e1', nodeId, clientVersion: '0.1', capabilities: { [made]: made }, health: 'online' },
    });
    const health = { state: 'degraded', reason: made };
    await f.ask('POST', '/api/v1/nodes/capabilities', {
      body: { nodeId, capabilities: { a: 1 }, healthChanges: health },
    });
    await f.ask('POST', '/api/v1/nodes/detach', { body: { nodeId, reason: `with ${made}` } });
    expect(raw.join(''), 'what the filter is for').toContain(made);
    noCanaryIn(lines);
    expect(lines.length).toBe(raw.length);
  });
});

describe('a refused request', () => {
  it('has a line with the id that the answer has, with who asked and for what', async () => {
    const forwarder = await createToken(f, 'forwarder', 'e1', 'f9');
    const answer = await f.ask('GET', '/api/v1/events/e1/nodes?token=x', { token: forwarder });
    const missing = await f.ask('DELETE', '/api/v1/streams/f1.mat', { token: forwarder });
    const lineOf = ({ headers }: typeof answer): unknown =>
      lines.map((line) => JSON.parse(line)).find((it) => it.requestId === headers.get('x-request-id'));
    expect(lineOf(answer)).toMatchObject({
      level: 'info',
      msg: 'refused',
      via: 'http',
      code: 'UNAUTHORIZED',
      status: 401,
    });
    expect(lineOf(missing)).toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
      method: 'DELETE',
      route: '/api/v1/streams/:streamId',
      role: 'forwarder',
      nodeId: 'f9',
    });
  });

  it('keeps the id that a proxy gave it, if it looks like one; each answer has one', async () => {
    const id = '5F0A9f3e7b1d4c2e8a6b0d1f2e3c4b5a';
    const kept = await f.ask('GET', '/healthz', { headers: { 'X-Request-Id': id } });
    expect(kept.headers.get('x-request-id')).toBe(id.toLowerCase());
    for (const hostile of ['x', 'a b', '../../etc', 'f'.repeat(200)]) {
      const answer = await f.ask('GET', '/healthz', { headers: { 'X-Request-Id': hostile } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });

  it('on a socket has one too, with the node; and so has the answer to the upgrade', async () => {
    const forwarder = await createToken(f, 'forwarder', 'e1', 'f8');
    const socket = new WebSocket(`${f.base.replace('http', 'ws')}/sync`, ['baton.v1', `bearer.${forwarder}`]);
    const upgraded = new Promise<unknown>((resolve) => {
      socket.once('upgrade', ({ headers }) => resolve(headers['x-request-id']));
    });
    socket.once('open', () => socket.send('no hello'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await upgraded).toMatch(/^[0-9a-f-]{36}$/);
    const line = lines.map((it) => JSON.parse(it)).find((it) => it.nodeId === 'f8');
    expect(line).toMatchObject({ msg: 'refused', via: 'sync', code: 'PROTOCOL_ERROR', role: 'forwarder' });
    expect(line.sessionId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
