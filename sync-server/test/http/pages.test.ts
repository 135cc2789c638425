import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let outside: string;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'baton-pages-'));
  const pagesDir = join(outside, 'dist');
  mkdirSync(join(pagesDir, 'assets'), { recursive: true });
  for (const name of ['index', 'operate', 'receive']) writeFileSync(join(pagesDir, `${name}.html`), `<p>${name}</p>`);
  for (const name of ['main-abc123', 'replica-worker-abc123']) {
    writeFileSync(join(pagesDir, 'assets', `${name}.js`), 'export {};');
  }
  writeFileSync(join(pagesDir, 'assets', 'pglite-abc123.wasm'), 'wasm');
  for (const name of ['pglite-abc123.wasm', 'replica-worker-abc123.js']) {
    writeFileSync(join(pagesDir, 'assets', `${name}.gz`), gzipSync(`packed ${name}`));
  }
  mkdirSync(join(pagesDir, 'icons'));
  writeFileSync(join(pagesDir, 'operate.webmanifest'), '{}');
  writeFileSync(join(pagesDir, 'sw.js'), 'self;');
  writeFileSync(join(pagesDir, 'icons', 'baton-192.png'), 'png');
  writeFileSync(join(pagesDir, '.secret'), 'hidden');
  writeFileSync(join(outside, 'secret.txt'), 'outside');
  f = await startRelay({ http: { pagesDir } });
  await createEvent(f, 'e1');
});
afterAll(async () => {
  await f.close();
  rmSync(outside, { recursive: true });
});

const get = (path: string) => f.askAsIs('GET', path, { token: null });

describe('pages', () => {
  it.each([
    ['/', 'index'],
    ['/e/e1', 'index'],
    ['/e/never-heard-of', 'index'],
    ['/e/e1/announcer', 'index'],
    ['/operate', 'operate'],
    ['/receive', 'receive'],
  ])('%s is the %s page, asked for again each time', async (path, name) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 200, text: `<p>${name}</p>` });
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const etag = answer.headers.get('etag') ?? '';
    const again = await f.askAsIs('GET', path, { token: null, headers: { 'If-None-Match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('files with a hash in their name are kept for ever, others asked for again', async () => {
    const asset = await get('/assets/main-abc123.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
  });

  it('sends packed what the build has packed, to who takes it, under the headers of the file itself', async () => {
    const ask = (encoding: string) =>
      fetch(`${f.base}/assets/pglite-abc123.wasm`, { headers: { 'Accept-Encoding': encoding } });
    const [packed, plain] = [await ask('gzip, br'), await ask('identity')];
    expect([packed.status, await packed.text()]).toEqual([200, 'packed pglite-abc123.wasm']);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('content-type')).toContain('application/wasm');
    expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await plain.text()).toBe('wasm');
    for (const { headers } of [packed, plain]) expect(headers.get('vary')).toContain('Accept-Encoding');
    const script = await fetch(`${f.base}/assets/replica-worker-abc123.js`);
    expect(script.headers.get('content-security-policy')).toContain('wasm-unsafe-eval');
    expect((await get('/assets/none.js.gz')).status).toBe(404);
  });

  it.each([
    ['/sw.js', 'javascript'],
    ['/operate.webmanifest', 'application/manifest+json'],
    ['/icons/baton-192.png', 'image/png'],
  ])('%s has no hash: asked for again each time, in its own type', async (path, type) => {
    const { headers, status } = await get(path);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('content-type')).toContain(type);
  });

  it.each(['/', '/operate', '/receive', '/sw.js', '/operate.webmanifest', '/assets/main-abc123.js', '/assets/none.js'])(
    '%s runs under the policy: nothing inline, nothing from elsewhere, in nobody’s frame',
    async (path) => {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "style-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy.split('; ')).toContain(part);
      }
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    },
  );

  it.each([
    ['/receive', true],
    ['/assets/replica-worker-abc123.js', true],
    ['/receive.html', true],
    ['/', false],
    ['/operate', false],
    ['/e/e1', false],
    ['/assets/main-abc123.js', false],
    ['/sw.js', false],
    ['/api/v1/me', false],
  ])('%s may run WebAssembly: %s', async (path, may) => {
    const parts = ((await get(path)).headers.get('content-security-policy') ?? '').split('; ');
    expect(parts).toContain(may ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'");
  });

  it('serves WebAssembly in its own type, so that it is compiled while it comes', async () => {
    expect((await get('/assets/pglite-abc123.wasm')).headers.get('content-type')).toBe('application/wasm');
  });

  it.each([
    '/.secret',
    '/assets/',
    '/assets',
    '/assets/none.js',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/index.html%00.js',
    '/e/',
    '/e/a%2fb',
    '/e/e1/other',
    '/operate/x',
  ])('%s is nothing', async (path) => {
    const answer = await get(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toContain('outside');
    expect(answer.text).not.toContain('hidden');
    expect(answer.body).toMatchObject({ code: expect.any(String) });
  });

  it('do not stand in the way of the API', async () => {
    expect((await get('/api/v1/events/e1')).body).toMatchObject({ eventId: 'e1' });
    expect((await get('/api/v1/nowhere')).body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are not served where none were built', async () => {
    const bare = await startRelay();
    expect(await bare.ask('GET', '/', { token: null })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    await bare.close();
  });
});
