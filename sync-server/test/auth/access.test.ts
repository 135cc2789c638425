import { createHash } from 'node:crypto';
import { EventId, NodeId, TokenId } from '@baton/schema/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccess, hashSecret, isExpired, secretFromHeaders } from '../../src/auth/access.ts';
import { createFailureBudget } from '../../src/auth/failure-budget.ts';
import type { TokenRecord } from '../../src/storage/records.ts';

const record = (secret: string, more: Partial<TokenRecord> = {}): TokenRecord => ({
  tokenId: TokenId.parse('t1'),
  hash: createHash('sha256').update(secret).digest('hex'),
  role: 'receiver',
  eventId: EventId.parse('e1'),
  nodeId: NodeId.parse('r1'),
  label: 'tent',
  createdAt: 0,
  expiresAt: null,
  ...more,
});

const accessWith = (tokens: readonly TokenRecord[], now = 1000) =>
  createAccess({
    registry: {
      tokenByHash: (hash) => tokens.find((token) => token.hash === hash),
      token: (tokenId) => tokens.find((token) => token.tokenId === tokenId),
    },
    clock: { now: () => now },
    adminToken: 'admin-secret',
    randomBytes: (size) => new Uint8Array(size).fill(7),
    failures: createFailureBudget(() => now),
  });

describe('secretFromHeaders', () => {
  it.each([
    ['nothing', {}, null],
    ['a bearer header', { authorization: 'Bearer abc' }, 'abc'],
    ['any letter case', { authorization: 'bEARER abc' }, 'abc'],
    ['other subprotocols', { 'sec-websocket-protocol': 'baton.v1' }, null],
    ['a bearer subprotocol', { 'sec-websocket-protocol': 'baton.v1, bearer.abc-_9' }, 'abc-_9'],
    ['the header before the subprotocol', { authorization: 'Bearer a', 'sec-websocket-protocol': 'bearer.b' }, 'a'],
  ])('reads %s', (_, headers, secret) => {
    expect(secretFromHeaders(headers)).toBe(secret);
  });

  it.each([
    ['another scheme', { authorization: 'Basic abc' }],
    ['an empty header', { authorization: '' }],
    ['no secret', { authorization: 'Bearer ' }],
    ['two secrets', { authorization: 'Bearer a b' }],
    ['a list of headers', { authorization: ['Bearer a', 'Bearer b'] }],
    ['two bearer subprotocols', { 'sec-websocket-protocol': 'bearer.a, bearer.b' }],
    ['an empty bearer subprotocol', { 'sec-websocket-protocol': 'bearer.' }],
    ['a secret of 10 KB', { authorization: `Bearer ${'a'.repeat(10_000)}` }],
  ])('takes %s for a failed attempt, not for none: nobody falls back to what is public', (_, headers) => {
    expect(secretFromHeaders(headers)).toBe('');
  });
});

describe('createAccess', () => {
  it('knows a token by its hash and tells what it allows', () => {
    const answer = accessWith([record('s')]).authenticate('s');
    expect(answer).toEqual({
      ok: true,
      value: { role: 'receiver', tokenId: 't1', eventId: 'e1', nodeId: 'r1', label: 'tent', expiresAt: null },
    });
  });

  it('knows the admin token, which is no record', () => {
    const answer = accessWith([]).authenticate('admin-secret');
    expect(answer).toMatchObject({ ok: true, value: { role: 'admin', tokenId: null, eventId: null } });
  });

  it.each([null, '', 'admin-secre', 'admin-secret ', 'S', 's\0', hashSecret('s')])('refuses %j', (secret) => {
    const answer = accessWith([record('s')]).authenticate(secret);
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED' } });
  });

  it('says the same of an absent, an unknown and an expired token', () => {
    const access = accessWith([record('old', { expiresAt: 999 })]);
    const answers = [null, 'unknown', 'old'].map((secret) => access.authenticate(secret));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('[P17] ends a token at its time, to the millisecond', () => {
    const token = record('s', { expiresAt: 1000 });
    expect(accessWith([token], 999).authenticate('s').ok).toBe(true);
    expect(accessWith([token], 1000).authenticate('s').ok).toBe(false);
    expect(isExpired({ expiresAt: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('mints secrets of 256 bits that fit into a header and a subprotocol, with their hash', () => {
    const { secret, hash } = accessWith([]).mint();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(hash).toBe(createHash('sha256').update(secret).digest('hex'));
  });

  it('refuses any other secret than those it knows', () => {
    const access = accessWith([record('s')]);
    fc.assert(
      fc.property(fc.string(), (secret) => {
        fc.pre(secret !== 's' && secret !== 'admin-secret');
        return !access.authenticate(secret).ok;
      }),
    );
  });

  it('[P17] a grant holds until its token is gone or its time over', () => {
    const { authenticate, holds } = accessWith([record('s', { expiresAt: 2000 })]);
    const grant = authenticate('s');
    if (!grant.ok) throw new Error('expected a grant');
    expect(holds(grant.value)).toBe(true);
    expect(accessWith([]).holds(grant.value)).toBe(false);
    expect(accessWith([record('s')], 2000).holds(grant.value)).toBe(false);
    const admin = accessWith([]).authenticate('admin-secret');
    expect(admin.ok && accessWith([]).holds(admin.value)).toBe(true);
  });

  it('[P17] remembers when a token was last used, and nothing of failures', () => {
    const access = accessWith([record('s'), record('old', { tokenId: TokenId.parse('t2'), expiresAt: 1 })]);
    access.authenticate('s');
    access.authenticate('old');
    expect([access.lastUsedAt(TokenId.parse('t1')), access.lastUsedAt(TokenId.parse('t2'))]).toEqual([1000, null]);
  });

  it('[P16] lets an address guess so often, then not even the admin token; minted ones go on', () => {
    const access = accessWith([record('s')]);
    let refusals = 0;
    while (access.authenticate(`guess ${refusals}`, '10.0.0.1').ok === false && refusals < 5000) {
      const answer = access.authenticate('x', '10.0.0.1');
      if (!answer.ok && answer.error.code === 'RATE_LIMITED') break;
      refusals++;
    }
    expect(refusals).toBeGreaterThan(100);
    expect(refusals).toBeLessThan(5000);
    expect(access.authenticate('admin-secret', '10.0.0.1')).toMatchObject({
      error: { code: 'RATE_LIMITED', details: { retryAfterSeconds: expect.any(Number) } },
    });
    expect(access.authenticate('s', '10.0.0.1').ok).toBe(true);
    expect(access.authenticate('admin-secret', '10.0.0.2').ok).toBe(true);
    // nothing offered is no guess
    expect(access.authenticate(null, '10.0.0.1')).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
  });

  it('will not run with an empty admin token', () => {
    const build = () =>
      createAccess({
        registry: { tokenByHash: () => undefined, token: () => undefined },
        clock: { now: () => 0 },
        adminToken: '',
        randomBytes: (size) => new Uint8Array(size),
        failures: createFailureBudget(() => 0),
      });
    expect(build).toThrow('admin token');
  });
});
