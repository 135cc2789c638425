import type { CreatedToken, ListedToken, TokenBody } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let operator: string;
let now = 1_772_870_400_000;
beforeAll(async () => {
  f = await startRelay({ clock: { now: () => now } });
  await createEvent(f, 'e1');
  await createEvent(f, 'e2');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const make = (body: object, token?: string) => f.ask('POST', '/api/v1/tokens', { body, ...(token ? { token } : {}) });
const list = async (token?: string): Promise<readonly ListedToken[]> =>
  ((await f.ask('GET', '/api/v1/tokens', token ? { token } : {})).body as { tokens: ListedToken[] }).tokens;

describe('tokens', () => {
  it('are shown once and stored as a hash only', async () => {
    const made = await make({ role: 'receiver', eventId: 'e1', nodeId: 'tent', label: 'Tent' });
    expect(made.status).toBe(201);
    const { token, ...rest } = made.body as CreatedToken;
    expect(rest).toEqual({
      tokenId: expect.any(String),
      role: 'receiver',
      eventId: 'e1',
      nodeId: 'tent',
      label: 'Tent',
      createdAt: now,
      expiresAt: null,
    });
    expect(await list()).toContainEqual({ ...rest, connections: 0, lastUsedAt: null });
    expect(JSON.stringify(await list())).not.toContain(token);
    expect(JSON.stringify(f.core.registry.tokens())).not.toContain(token);
  });

  it('tell their bearer what they allow', async () => {
    const token = await createToken(f, 'forwarder', 'e1', 'mat-1');
    const me = await f.ask('GET', '/api/v1/me', { token });
    expect(me.body).toEqual({
      tokenId: expect.any(String),
      role: 'forwarder',
      eventId: 'e1',
      nodeId: 'mat-1',
      label: null,
      expiresAt: null,
    });
    expect((await f.ask('GET', '/api/v1/me')).body).toMatchObject({ tokenId: null, role: 'admin', eventId: null });
    expect((await f.ask('GET', '/api/v1/me', { token: null })).status).toBe(401);
  });

  it('of forwarders and receivers get a node id made up when none is given; others have none', async () => {
    for (const role of ['forwarder', 'receiver']) {
      const made = await make({ role, eventId: 'e1' });
      expect((made.body as CreatedToken).nodeId).toMatch(new RegExp(`^${role}-[0-9a-f]{8}$`));
    }
    expect((await make({ role: 'viewer', eventId: 'e1' })).body).toMatchObject({ nodeId: null });
    expect(await make({ role: 'viewer', eventId: 'e1', nodeId: 'x' })).toMatchObject({
      status: 400,
      body: { details: { fields: { nodeId: expect.any(String) } } },
    });
  });

  it.each([
    ['an admin', { role: 'admin', eventId: 'e1' }],
    ['no role', { eventId: 'e1' }],
    ['no event', { role: 'viewer' }],
    ['a bad node id', { role: 'receiver', eventId: 'e1', nodeId: 'a/b' }],
    ['a label of 129 characters', { role: 'viewer', eventId: 'e1', label: 'x'.repeat(129) }],
    ['a time that is none', { role: 'viewer', eventId: 'e1', expiresAt: 'tomorrow' }],
    ['a field nobody knows', { role: 'viewer', eventId: 'e1', admin: true }],
  ])('are not made for %s', async (_, body) => {
    expect(await make(body)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('[P14] an operator manages those of the own event and knows of no others', async () => {
    const other = (await make({ role: 'viewer', eventId: 'e2' })).body as CreatedToken;
    expect(await make({ role: 'viewer', eventId: 'e1' }, operator)).toMatchObject({ status: 201 });
    expect(await make({ role: 'viewer', eventId: 'e2' }, operator)).toMatchObject({ status: 403 });
    expect(await make({ role: 'viewer', eventId: 'nowhere' }, operator)).toMatchObject({ status: 404 });
    expect((await list(operator)).every((it) => it.eventId === 'e1')).toBe(true);
    const deleted = await f.ask('DELETE', `/api/v1/tokens/${other.tokenId}`, { token: operator });
    const unknown = await f.ask('DELETE', '/api/v1/tokens/unknown', { token: operator });
    expect([deleted.status, deleted.text]).toEqual([404, unknown.text]);
    expect((await f.ask('GET', '/api/v1/me', { token: other.token })).status).toBe(200);
  });

  it('[P15] give an operator no more than an operator has: no admin, no other event, and no longer than itself', async () => {
    expect(await make({ role: 'admin', eventId: 'e1' }, operator)).toMatchObject({ status: 400 });
    expect(await make({ role: 'operator', eventId: null }, operator)).toMatchObject({ status: 400 });
    const day = (await make({ role: 'operator', eventId: 'e1', expiresAt: now + 1000 })).body as CreatedToken;
    for (const expiresAt of [undefined, null, now + 1001]) {
      const longer = await make({ role: 'viewer', eventId: 'e1', expiresAt }, day.token);
      expect(longer).toMatchObject({ status: 403, body: { details: { fields: { expiresAt: expect.any(String) } } } });
    }
    expect((await make({ role: 'viewer', eventId: 'e1', expiresAt: now + 1000 }, day.token)).status).toBe(201);
    for (const role of ['receiver', 'forwarder', 'viewer']) {
      const other = await createToken(f, role, 'e1');
      expect((await make({ role: 'viewer', eventId: 'e1' }, other)).status).toBe(403);
      expect((await f.ask('GET', '/api/v1/tokens', { token: other })).status).toBe(403);
      expect((await f.ask('DELETE', `/api/v1/tokens/${day.tokenId}`, { token: other })).status).toBe(403);
    }
  });

  it('tell when they were last used and whether they are connected, and their bearer which one it is', async () => {
    const made = (await make({ role: 'operator', eventId: 'e1', label: 'used' })).body as CreatedToken;
    const seen = async () => (await list()).find((it) => it.tokenId === made.tokenId);
    expect(await seen()).toMatchObject({ connections: 0, lastUsedAt: null });
    expect((await f.ask('GET', '/api/v1/me', { token: made.token })).body).toMatchObject({ tokenId: made.tokenId });
    const socket = new WebSocket(`${f.base.replace('http', 'ws')}/docs/events/e1/setup`, [
      `baton.v1`,
      `bearer.${made.token}`,
    ]);
    await new Promise((resolve) => socket.once('message', resolve));
    expect(await seen()).toMatchObject({ connections: 1, lastUsedAt: now });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
    await f.ask('GET', '/healthz');
    expect(await seen()).toMatchObject({ connections: 0 });
  });

  it('are listed by event when asked so', async () => {
    const answer = await f.ask('GET', '/api/v1/tokens?eventId=e2');
    const { tokens } = answer.body as { tokens: TokenBody[] };
    expect(tokens.length).toBeGreaterThan(0);
    expect(tokens.every((it) => it.eventId === 'e2')).toBe(true);
  });

  it('[P17] end at their time', async () => {
    const made = await make({ role: 'viewer', eventId: 'e1', expiresAt: now + 1000 });
    const { token } = made.body as CreatedToken;
    expect((await f.ask('GET', '/api/v1/me', { token })).status).toBe(200);
    now += 1000;
    expect((await f.ask('GET', '/api/v1/me', { token })).status).toBe(401);
    // not even what is public to those who offer nothing: a failed attempt does not fall back
    expect((await f.ask('GET', '/api/v1/events', { token })).status).toBe(401);
  });

  it('[P17] end at their time, in ISO 8601 as in ms', async () => {
    const end = now + 1000;
    const made = await make({ role: 'viewer', eventId: 'e1', expiresAt: new Date(end).toISOString() });
    expect(made).toMatchObject({ status: 201, body: { expiresAt: end } });
  });

  it('[P17] when revoked end their open connections, and open no more', async () => {
    const made = (await make({ role: 'operator', eventId: 'e1' })).body as CreatedToken;
    const url = `${f.base.replace('http', 'ws')}/docs/events/e1/setup`;
    const protocols = ['baton.v1', `bearer.${made.token}`];
    const socket = new WebSocket(url, protocols);
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect((await f.ask('DELETE', `/api/v1/tokens/${made.tokenId}`)).status).toBe(204);
    expect(await closed).toBe(4401);
    expect((await f.ask('GET', '/api/v1/me', { token: made.token })).status).toBe(401);
    const again = new WebSocket(url, protocols);
    expect(await new Promise((resolve) => again.once('close', resolve))).toBe(4401);
    expect((await f.ask('DELETE', `/api/v1/tokens/${made.tokenId}`)).status).toBe(404);
  });
});
