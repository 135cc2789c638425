import { CLOSE } from '@baton/schema/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createEvent, createRace, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';

let relay: RelayFixture | null = null;
afterEach(async () => {
  await relay?.close();
  relay = null;
});

const start = async (flags: Readonly<Record<string, string>>): Promise<RelayFixture> => {
  relay = await startRelay({ flags });
  await createEvent(relay, 'e1');
  return relay;
};

interface Dialled {
  readonly socket: WebSocket;
  readonly texts: readonly string[];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly refused: Promise<number | undefined>;
}

const dial = ({ base }: RelayFixture, path: string, token: string): Dialled => {
  const socket = new WebSocket(`${base.replace('http', 'ws')}${path}`, ['baton.v1', `bearer.${token}`]);
  const texts: string[] = [];
  socket.on('message', (data, isBinary) => {
    if (!isBinary) texts.push(String(data));
  });
  socket.on('error', () => {}); // what it was refused with is looked at below
  return {
    socket,
    texts,
    opened: new Promise((resolve) => socket.once('open', resolve)),
    closed: new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    }),
    refused: new Promise((resolve) => socket.once('unexpected-response', (_, answer) => resolve(answer.statusCode))),
  };
};

const PATHS = ['/sync', '/docs/events/e1/setup', '/api/v1/live'] as const;

describe('sockets of a token and of an event', () => {
  it.each(PATHS)(
    '[P19] one more than a token may have is told so on %s, and to come back; others come in',
    async (path) => {
      const fixture = await start({ 'token-sockets': '2' });
      const [full, other] = [
        await createToken(fixture, 'operator', 'e1'),
        await createToken(fixture, 'operator', 'e1'),
      ];
      const first = dial(fixture, '/sync', full);
      const second = dial(fixture, '/docs/events/e1/setup', full);
      await Promise.all([first.opened, second.opened]);
      const third = dial(fixture, path, full);
      if (path === '/api/v1/live') expect(await third.refused).toBe(503);
      else {
        const closed = await third.closed;
        expect(closed.code).toBe(CLOSE.tryLater);
        expect(closed.reason).toMatch(/^CONNECTION_LIMIT_REACHED: the token has its 2 connections open/);
      }
      if (path === '/sync') {
        expect(JSON.parse(third.texts[0] ?? '')).toMatchObject({
          type: 'error',
          error: { code: 'CONNECTION_LIMIT_REACHED', retryable: true, details: { of: 'token', maxConnections: 2 } },
        });
      }
      const elsewhere = dial(fixture, '/sync', other);
      await elsewhere.opened;
      // a place that is given back is taken again
      first.socket.close();
      await first.closed;
      const next = dial(fixture, '/sync', full);
      await next.opened;
      next.socket.send('{}');
      expect((await next.closed).code).toBe(CLOSE.badFrame);
    },
  );

  it('a token that comes by message on /live is bound, too', async () => {
    const fixture = await start({ 'event-sockets': '1' });
    const token = await createToken(fixture, 'viewer', 'e1');
    const held = dial(fixture, '/sync', token);
    await held.opened;
    const socket = new WebSocket(`${fixture.base.replace('http', 'ws')}/api/v1/live`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.once('open', () => socket.send(JSON.stringify({ type: 'auth', payload: { token } })));
    expect(await closed).toBe(CLOSE.tryLater);
  });

  it('a system in the field is told in its own words, that it may come back', async () => {
    const fixture = await start({ 'event-sockets': '1' });
    const held = dial(fixture, '/sync', await createToken(fixture, 'viewer', 'e1'));
    await held.opened;
    const device = dial(fixture, '/ws/v1/forwarders', await createToken(fixture, 'forwarder', 'e1', 'gate'));
    expect((await device.closed).code).toBe(CLOSE.tryLater);
    expect(JSON.parse(device.texts[0] ?? '')).toMatchObject({ kind: 'error', code: 'INTERNAL_ERROR', retryable: true });
  });
});

describe('documents and lists', () => {
  it('a node beyond the documents of its event gets no token; one that has a token gets another', async () => {
    const fixture = await start({ 'event-documents': '3' });
    await createToken(fixture, 'receiver', 'e1', 'tent');
    const token = { role: 'receiver', eventId: 'e1', nodeId: 'office' };
    const refused = await fixture.ask('POST', '/api/v1/tokens', { body: token });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'LIMIT_REACHED', details: { what: 'documents', limit: 3 } });
    await createToken(fixture, 'receiver', 'e1', 'tent');
    await createToken(fixture, 'operator', 'e1');
  });

  it('lists count: beyond the bytes of a day 429 with the time to wait, and nothing changes', async () => {
    const fixture = await start({ 'token-bytes-a-day': '60' });
    const token = await createToken(fixture, 'operator', 'e1');
    const { raceId } = await createRace(fixture, 'e1');
    const path = `/api/v1/events/e1/roster?raceId=${raceId}&format=csv`;
    const put = (raw: string) => fixture.ask('POST', path, { token, raw });
    expect((await put('bib,name\n1,Ada Quick with a long long name of sixty bytes and more\n')).status).toBe(200);
    const refused = await put('bib,name\n2,Ben\n');
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'DAILY_LIMIT_REACHED', retryable: true });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(23 * 3600);
    expect((await fixture.ask('GET', '/api/v1/events/e1/races', { token })).status).toBe(200);
    const other = await createToken(fixture, 'operator', 'e1');
    const taken = await fixture.ask('POST', path, { token: other, raw: 'bib,name\n3,Cyd\n' });
    expect(taken.status).toBe(200);
  });
});
