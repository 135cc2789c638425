import { describe, expect, it } from 'vitest';
import { createHttp } from '../../src/platform/http.ts';

const answering = (response: () => Response) => {
  const calls: { url: string; init: RequestInit }[] = [];
  const http = createHttp(async (url, init) => {
    calls.push({ url, init });
    return response();
  }, 'secret');
  return { http, calls };
};

describe('calls to the relay', () => {
  it('sends the token as a bearer header, never in the address', async () => {
    const { http, calls } = answering(() => Response.json({ a: 1 }, { headers: { etag: '"1"' } }));
    expect(await http('/api/v1/me')).toEqual({ type: 'ok', body: { a: 1 }, etag: '"1"' });
    expect(calls[0]?.url).toBe('/api/v1/me');
    expect(new Headers(calls[0]?.init.headers).get('authorization')).toBe('Bearer secret');
  });

  it('sends a body as JSON', async () => {
    const { http, calls } = answering(() => new Response(null, { status: 204 }));
    expect(await http('/x', { method: 'POST', body: { name: 'A' } })).toMatchObject({ type: 'ok', body: null });
    expect(calls[0]?.init).toMatchObject({ method: 'POST', body: '{"name":"A"}' });
  });

  it('takes code, message and details of a refusal from the envelope', async () => {
    const body = { code: 'FORWARDER_OFFLINE', message: 'the forwarder is not attached', details: { streamId: 's' } };
    const { http } = answering(() => Response.json(body, { status: 409 }));
    expect(await http('/x')).toEqual({ type: 'refused', status: 409, ...body });
  });

  it('says the status when something else than the relay answers', async () => {
    const { http } = answering(() => new Response('<html>Bad gateway', { status: 502 }));
    expect(await http('/x')).toMatchObject({ type: 'refused', status: 502, code: 'HTTP_502' });
  });

  it('knows an unchanged answer by its status', async () => {
    const { http, calls } = answering(() => new Response(null, { status: 304 }));
    expect(await http('/x', { etag: '"7"' })).toEqual({ type: 'not-modified' });
    expect(new Headers(calls[0]?.init.headers).get('if-none-match')).toBe('"7"');
  });

  it('calls no connection and no answer in time unreachable', async () => {
    for (const error of [new TypeError('fetch failed'), new DOMException('timed out', 'TimeoutError')]) {
      const http = createHttp(async () => {
        throw error;
      }, null);
      expect(await http('/x')).toEqual({ type: 'unreachable' });
    }
  });
});
