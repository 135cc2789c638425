import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let outside: string;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'baton-pages-'));
  const pagesDir = join(outside, 'dist');
  mkdirSync(join(pagesDir, 'assets'), { recursive: true });
  for (const name of ['index', 'operate', 'receive']) writeFileSync(join(pagesDir, `${name}.html`), `<p>${name}</p>`);
  writeFileSync(join(pagesDir, 'assets', 'main-abc123.js'), 'export {};');
  writeFileSync(join(pagesDir, 'manifest.webmanifest'), '{}');
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
    expect((await get('/manifest.webmanifest')).headers.get('cache-control')).toBe('no-cache');
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
