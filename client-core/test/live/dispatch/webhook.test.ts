import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createWebhook, headerKey, MAX_WEBHOOK_BYTES, signatureOf } from '../../../src/live/dispatch/webhook.ts';
import { serveHttp } from './local-server.ts';

const answering = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  serveHttp((response) => response.writeHead(status, headers).end('said'));

const NOW = 1_770_000_000_500;
const clock = { now: () => NOW };
const never = new AbortController().signal;
const webhook = createWebhook({ clock }, { secret: 'very secret', timeoutMs: 60_000 });
const call = (url: string, body: unknown = { bib: '17' }, key = 'finish/10k/17') =>
  webhook({ key, type: 'webhook', payload: { url, body } }, never);

describe('webhook', () => {
  it('posts the body as JSON, with its key and a signature that the receiver can check', async () => {
    const { url, calls } = await answering(204);
    expect(await call(`${url}/hooks/a?k=1`)).toEqual({ ok: true, value: undefined });
    const [got] = calls;
    expect(got).toMatchObject({ method: 'POST', path: '/hooks/a?k=1', body: '{"bib":"17"}' });
    expect(got?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'finish/10k/17' });
    const t = Math.floor(NOW / 1000);
    const v1 = createHmac('sha256', 'very secret').update(`${t}.${got?.body}`).digest('hex');
    expect(got?.headers['baton-signature']).toBe(`t=${t},v1=${v1}`);
  });

  it('signs what is not ASCII as its UTF-8', () => {
    const v1 = createHmac('sha256', 'gehe—im').update('1770000000.{"name":"Łukasz 🏃"}').digest('hex');
    expect(signatureOf('gehe—im', '{"name":"Łukasz 🏃"}', NOW)).toBe(`t=1770000000,v1=${v1}`);
  });

  it('does not sign without a secret', async () => {
    const { url, calls } = await answering(200);
    const plain = createWebhook({ clock }, { secret: null });
    expect((await plain({ key: 'k', type: 'webhook', payload: { url, body: null } }, never)).ok).toBe(true);
    expect(calls[0]?.headers['baton-signature']).toBeUndefined();
  });

  it.each([
    [200, 'done'],
    [202, 'done'],
    [301, 'final'],
    [302, 'final'],
    [307, 'final'],
    [400, 'final'],
    [401, 'final'],
    [404, 'final'],
    [408, 'again'],
    [410, 'final'],
    [425, 'again'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
  ])('takes %i for %s', async (status, meaning) => {
    const { url, calls } = await answering(status, { location: 'http://127.0.0.1:9/elsewhere' });
    const outcome = await call(`${url}/secret-path`);
    expect(outcome.ok ? 'done' : outcome.error.retryable ? 'again' : 'final').toBe(meaning);
    expect(calls).toHaveLength(1); // and went nowhere else
    expect(outcome.ok ? '' : outcome.error.message).not.toMatch(/secret/);
  });

  it('may try again where nobody answers, and tells neither path nor secret', async () => {
    const { url, close } = await answering(200);
    await close();
    const outcome = await call(`${url}/token-of-mine?key=hidden`);
    expect(outcome).toMatchObject({ ok: false, error: { retryable: true } });
    const message = outcome.ok ? '' : outcome.error.message;
    expect(message).toMatch(/ECONNREFUSED/);
    expect(message).not.toMatch(/token-of-mine|hidden|very secret/);
  });

  it('gives up on an answer that does not come', async () => {
    const { url } = await serveHttp(() => {});
    const impatient = createWebhook({ clock }, { secret: null, timeoutMs: 50 });
    const outcome = await impatient({ key: 'k', type: 'webhook', payload: { url, body: 1 } }, never);
    expect(outcome).toMatchObject({ ok: false, error: { retryable: true } });
    expect(outcome.ok ? '' : outcome.error.message).toContain('gave no answer within 50 ms');
  });

  it('gives up at once when the process ends', async () => {
    let arrived = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { url } = await serveHttp(() => arrived());
    const ending = new AbortController();
    const outcome = webhook({ key: 'k', type: 'webhook', payload: { url, body: 1 } }, ending.signal);
    await waiting;
    ending.abort();
    expect(await outcome).toMatchObject({ ok: false, error: { retryable: true } });
  });

  it.each([
    'ftp://127.0.0.1/a',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://user:pass@127.0.0.1/',
    '/relative',
    '',
    `http://127.0.0.1/${'a'.repeat(3000)}`,
  ])('calls no such address: %s', async (url) => {
    expect(await call(url)).toMatchObject({ ok: false, error: { retryable: false } });
  });

  it.each([null, {}, { url: 5, body: 1 }, { url: 'http://127.0.0.1:9' }, 'text'])(
    'takes no payload %j',
    async (payload) => {
      const outcome = await webhook({ key: 'k', type: 'webhook', payload }, never);
      expect(outcome).toMatchObject({ ok: false, error: { retryable: false } });
    },
  );

  it('sends bodies up to their bound, counted in bytes', async () => {
    const { url, calls } = await answering(200);
    const fits = 'é'.repeat((MAX_WEBHOOK_BYTES - 2) / 2);
    expect((await call(url, fits)).ok).toBe(true);
    expect(await call(url, `${fits}a`)).toMatchObject({ ok: false, error: { retryable: false } });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['finish/r/17', 'finish/r/17'],
    ['a b', 'a%20b'],
    ['finish/r/%2317', 'finish/r/%2317'],
    ['Ł\n%', '%C5%81%0A%25'],
    ['\ud800x', '%EF%BF%BDx'],
  ])('carries the key %j as %s', (key, header) => {
    expect(headerKey(key)).toBe(header);
    expect(() => new Headers({ 'idempotency-key': headerKey(key) })).not.toThrow();
  });
});
