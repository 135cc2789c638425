import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/http/metrics.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { watchStore } from '../../src/storage/watched-store.ts';
import { attachForwarder, createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let full = false;
beforeAll(async () => {
  const inner = createMemoryStore();
  const fullReply = { type: 'storage-full', message: 'no space left on device' } as const;
  const store = watchStore({ ...inner, commit: async (changes) => (full ? fullReply : inner.commit(changes)) });
  f = await startRelay({ store, http: { isWritable: store.isWritable } });
  await createEvent(f, 'e1');
});
afterAll(() => f.close());

describe('health', () => {
  it('is told to anyone', async () => {
    expect(await f.ask('GET', '/healthz', { token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await f.ask('GET', '/readyz', { token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('[P22] says when nothing can be stored, and by itself when it can again', async () => {
    full = true;
    const refused = await f.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Not stored' } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', retryable: true } });
    expect((await f.ask('GET', '/readyz', { token: null })).status).toBe(503);
    expect((await f.ask('GET', '/healthz', { token: null })).status).toBe(200);
    expect((await f.ask('GET', '/api/v1/events/e1')).body).toMatchObject({ title: 'Event e1' });
    full = false;
    expect((await f.ask('GET', '/readyz', { token: null })).status).toBe(200);
    expect((await f.ask('GET', '/api/v1/events/e1')).body).toMatchObject({ title: 'Event e1' });
  });
});

const metricsOf = async (fixture: RelayFixture, token?: string | null): Promise<ReadonlyMap<string, number>> => {
  const answer = await fixture.ask('GET', '/metrics', token === undefined ? {} : { token });
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return new Map(
    answer.text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
};

describe('metrics', () => {
  it('are the admin’s, unless they are public', async () => {
    expect((await f.ask('GET', '/metrics', { token: null })).status).toBe(401);
    const operator = await createToken(f, 'operator', 'e1');
    expect((await f.ask('GET', '/metrics', { token: operator })).status).toBe(403);
    const open = await startRelay({ http: { publicMetrics: true } });
    expect((await metricsOf(open, null)).get('baton_documents')).toBe(0);
    await open.close();
  });

  it('count reads, sockets, documents and refusals', async () => {
    const token = await createToken(f, 'forwarder', 'e1', 'f1');
    const forwarder = await attachForwarder(f, token, 'f1', 'e1');
    await forwarder.push(1, 1, ['a', 'b', 'c']);
    await f.ask('GET', '/nowhere');
    const metrics = await metricsOf(f);
    expect(metrics.get('baton_reads_acked_total')).toBe(3);
    expect(metrics.get('baton_sockets{role="forwarder"}')).toBe(1);
    expect(metrics.get('baton_refusals_total{code="NOT_FOUND"}')).toBeGreaterThan(0);
    expect([...metrics.values()].every(Number.isFinite)).toBe(true);
    await forwarder.close();
  });
});

describe('createMetrics', () => {
  it('renders what Prometheus reads, with hostile labels escaped', () => {
    const metrics = createMetrics();
    const refused = metrics.counter('refused_total', 'refused', 'code');
    refused.add('A');
    refused.add('A', 2);
    refused.add('x"\\\n');
    metrics.gauge('now', 'present', () => 1.5);
    expect(metrics.render()).toBe(
      [
        '# HELP refused_total refused',
        '# TYPE refused_total counter',
        'refused_total{code="A"} 3',
        'refused_total{code="x\\"\\\\\\n"} 1',
        '# HELP now present',
        '# TYPE now gauge',
        'now 1.5',
        '',
      ].join('\n'),
    );
  });

  it('takes a name once', () => {
    const metrics = createMetrics();
    metrics.counter('a', '');
    expect(() => metrics.gauge('a', '', () => 0)).toThrow('twice');
  });
});
