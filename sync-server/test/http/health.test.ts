import { setImmediate as turn } from 'node:timers/promises';
import { HealthBody } from '@baton/schema/http';
import { createVirtualTime } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { StoreSight } from '../../src/storage/watched-store.ts';
import { watchStore } from '../../src/storage/watched-store.ts';
import type { DiskSpace } from '../../src/watching/disk-watch.ts';
import { createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

const MEGABYTE = 1024 * 1024;
const ROOMY: DiskSpace = { dataBytes: MEGABYTE, freeBytes: 1000 * MEGABYTE, sizeBytes: 2000 * MEGABYTE };

const time = createVirtualTime();
let f: RelayFixture;
let full = false;
/** Commits hang until it is called. */
let hanging: Promise<void> | null = null;
let disk: DiskSpace | null = ROOMY;
beforeAll(async () => {
  const inner = createMemoryStore();
  const fullReply = { type: 'storage-full', message: 'no space left on device' } as const;
  const commit: typeof inner.commit = async (changes) => {
    await hanging;
    return full ? fullReply : inner.commit(changes);
  };
  const store = watchStore({ ...inner, commit }, { mono: time.timers.mono });
  f = await startRelay({ store, timers: time.timers, http: { sight: { store: store.sight, disk: () => disk } } });
  await createEvent(f, 'e1');
});
afterAll(() => f.close());

const readyz = async (): Promise<{ readonly status: number; readonly reasons: readonly string[] }> => {
  const { status, body } = await f.ask('GET', '/readyz', { token: null });
  return { status, reasons: (HealthBody.parse(body).reasons ?? []).map(({ type }) => type) };
};

const READY = { status: 200, reasons: [] };
const red = (...reasons: readonly string[]) => ({ status: 503, reasons });

describe('/healthz and /readyz', () => {
  it('are told to anyone', async () => {
    expect(await f.ask('GET', '/healthz', { token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await f.ask('GET', '/readyz', { token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('[P22] say that the disk is full after a refused write, and by themselves when it is not any more', async () => {
    full = true;
    const refused = await f.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Not stored' } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', retryable: true } });
    expect(await readyz()).toEqual(red('disk-full'));
    expect((await f.ask('GET', '/healthz', { token: null })).status).toBe(200);
    expect((await f.ask('GET', '/api/v1/events/e1')).body).toMatchObject({ title: 'Event e1' });
    full = false;
    expect(await readyz()).toEqual(READY);
    expect((await f.ask('GET', '/api/v1/events/e1')).body).toMatchObject({ title: 'Event e1' });
  });

  it('[P22] /metrics alone, which everybody asks again and again, notices too', async () => {
    const ready = async (): Promise<boolean> => /^baton_ready 1$/m.test((await f.ask('GET', '/metrics')).text);
    full = true;
    await f.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Not stored' } });
    expect(await ready()).toBe(false);
    full = false;
    while (!(await ready())) await turn();
  });

  it('[P22] say that the disk is full before anything was refused', async () => {
    disk = { ...ROOMY, freeBytes: MEGABYTE };
    expect(await readyz()).toEqual(red('disk-full'));
    disk = null;
    expect(await readyz()).toEqual(READY);
    disk = ROOMY;
  });

  it('say that the writer is stuck, for as long as it is; and answer at once', async () => {
    let go = (): void => {};
    hanging = new Promise((resolve) => {
      go = resolve;
    });
    const title = f.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Late' } });
    for (let waiting = 0; waiting === 0; ) waiting = await waitingWrites();
    time.advance(9_999);
    expect(await readyz()).toEqual(READY);
    time.advance(1);
    const { status, body } = await f.ask('GET', '/readyz', { token: null });
    expect(status).toBe(503);
    expect(HealthBody.parse(body).reasons).toMatchObject([
      { type: 'writer-stuck', message: expect.stringContaining('nothing was synced for 10 s') },
    ]);
    go();
    hanging = null;
    expect((await title).status).toBe(200);
    expect(await readyz()).toEqual(READY);
  });

  it('[P22] are answered though the disk that was full hangs now', async () => {
    full = true;
    await f.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Not stored' } });
    let go = (): void => {};
    hanging = new Promise((resolve) => {
      go = resolve;
    });
    const asked = [readyz(), readyz()];
    for (let waiting = 0; waiting === 0; ) waiting = await waitingWrites();
    expect(await waitingWrites(), 'one try for all who ask').toBe(1);
    time.advance(2_000);
    expect(await Promise.all(asked)).toEqual([red('disk-full'), red('disk-full')]);
    full = false;
    hanging = null;
    go();
    for (let answer = await readyz(); answer.status !== 200; ) answer = await readyz();
  });
});

const waitingWrites = async (): Promise<number> => {
  const { body } = await f.ask('GET', '/api/v1/relay');
  return (body as { readonly storage: { readonly waitingWrites: number } }).storage.waitingWrites;
};

it('[P23] a failed sync stays red for good, whatever is stored after it', async () => {
  const inner = createMemoryStore();
  let failing = false;
  const failed = { type: 'failed', message: 'SQLITE_IOERR_FSYNC' } as const;
  const store = watchStore(
    { ...inner, commit: async (changes) => (failing ? failed : inner.commit(changes)) },
    { mono: time.timers.mono },
  );
  const relay = await startRelay({ store, http: { sight: { store: store.sight } } });
  await createEvent(relay, 'e1');
  failing = true;
  expect((await relay.ask('PATCH', '/api/v1/events/e1', { body: { title: 'Lost' } })).status).toBeGreaterThanOrEqual(
    500,
  );
  failing = false;
  const { status, body } = await relay.ask('GET', '/readyz', { token: null });
  expect({ status, body }).toMatchObject({ status: 503, body: { reasons: [{ type: 'storage-failed' }] } });
  await relay.close();
});

describe('/metrics', () => {
  it('are the admin’s, unless they are public', async () => {
    expect((await f.ask('GET', '/metrics', { token: null })).status).toBe(401);
    const operator = await createToken(f, 'operator', 'e1');
    expect((await f.ask('GET', '/metrics', { token: operator })).status).toBe(403);
    const open = await startRelay({ http: { publicMetrics: true } });
    expect(await open.ask('GET', '/metrics', { token: null })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^baton_documents 0$/m),
    });
    await open.close();
  });
});

describe('/api/v1/relay', () => {
  it('tells the admin how the relay does, and nobody else', async () => {
    const sight: StoreSight = { lastWrite: 'full', waiting: 3, waitingBytes: 12, stillMs: 20_000 };
    const relay = await startRelay({ http: { sight: { version: '1.2.3', store: () => sight, disk: () => ROOMY } } });
    await createEvent(relay, 'e1');
    expect(await relay.ask('GET', '/api/v1/relay')).toMatchObject({
      status: 200,
      body: {
        version: '1.2.3',
        troubles: [{ type: 'writer-stuck' }, { type: 'disk-full' }],
        storage: { reads: 0, dataBytes: MEGABYTE, freeBytes: 1000 * MEGABYTE, waitingWrites: 3, lastBackupAt: null },
        connections: { roles: { spectator: 0 }, slow: 0 },
        events: [{ eventId: 'e1', title: 'Event e1', status: 'running', streams: 0, reads: 0, diskBytes: 0 }],
        eventCount: 1,
        link: null,
      },
    });
    expect((await relay.ask('GET', '/api/v1/relay', { token: null })).status).toBe(401);
    const operator = await createToken(relay, 'operator', 'e1');
    expect((await relay.ask('GET', '/api/v1/relay', { token: operator })).status).toBe(403);
    await relay.close();
  });
});
