import { createServer, type RequestListener, type Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeApiError } from '../../src/http/describe-error.ts';
import { createRelayApi } from '../../src/http/relay-api.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
};

const answer =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status).end(body);
  };

const Name = z.object({ name: z.string() });
const apiAt = (relay: string, answerMs = 5000) => createRelayApi({ relay, token: 'secret', answerMs });
const ask = async (listener: RequestListener, answerMs?: number) =>
  apiAt(await serve(listener), answerMs).call('GET', '/x', Name);

describe('the relay’s HTTP API', () => {
  it('sends the token in its header and gives the parsed answer', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end('{"name":"a","more":1}');
    });
    expect(await apiAt(url).call('PATCH', '/x?y=1', Name, { z: 1 })).toEqual({ ok: true, value: { name: 'a' } });
    expect(seen).toEqual(['PATCH /api/v1/x?y=1 Bearer secret']);
  });

  it('takes an answer without a body', async () => {
    const url = await serve(answer(204, ''));
    expect(await apiAt(url).call('DELETE', '/x', z.null())).toEqual({ ok: true, value: null });
  });

  it('gives the envelope of a refusal', async () => {
    const refused = await ask(answer(404, '{"code":"NOT_FOUND","message":"no such thing"}'));
    expect(refused).toEqual({
      ok: false,
      error: { type: 'refused', status: 404, code: 'NOT_FOUND', message: 'no such thing' },
    });
    expect(!refused.ok && describeApiError(refused.error)).toBe('the relay refused: no such thing (NOT_FOUND)');
  });

  it.each([
    ['an error that is no envelope', answer(500, '<html>proxy</html>')],
    ['an answer that is no JSON', answer(200, 'hello')],
    ['an answer of another shape', answer(200, '{"title":"a"}')],
  ])('does not trust %s', async (_, listener) => {
    expect(await ask(listener)).toMatchObject({ ok: false, error: { type: 'unexpected' } });
  });

  it('says that nobody is there', async () => {
    const url = await serve(answer(200, ''));
    const gone = servers.pop();
    await new Promise((resolve) => gone?.close(resolve));
    expect(await apiAt(url).call('GET', '/x', Name)).toMatchObject({ ok: false, error: { type: 'unreachable' } });
    expect(await apiAt('nonsense').call('GET', '/x', Name)).toMatchObject({
      ok: false,
      error: { type: 'unreachable' },
    });
  });

  it('does not wait for ever', async () => {
    expect(await ask(() => {}, 50)).toMatchObject({ ok: false, error: { type: 'unreachable' } });
  });

  it('is not fooled by an answer that is cut', async () => {
    const cut = await ask((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"name":');
      setImmediate(() => response.destroy());
    });
    expect(cut).toMatchObject({ ok: false, error: { type: 'unreachable' } });
  });

  it('[RT-41] streams a long answer', async () => {
    const url = await serve((_request, response) => {
      response.write('first,');
      setImmediate(() => response.end('last'));
    });
    const stream = await apiAt(url).stream('/export.txt');
    if (!stream.ok) throw new Error(stream.error.message);
    let text = '';
    for await (const part of stream.value) text += Buffer.from(part).toString();
    expect(text).toBe('first,last');
  });

  it('[P1] streams all of an answer that is read late, after the memory was tidied up', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const url = await serve(answer(200, 'x'.repeat(70_000)));
    const stream = await apiAt(url).stream('/backup');
    if (!stream.ok) throw new Error(stream.error.message);
    // what is collected is told in turns of their own
    for (let turn = 0; turn < 5; turn++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    let bytes = 0;
    for await (const part of stream.value) bytes += part.length;
    expect(bytes).toBe(70_000);
  });
});
