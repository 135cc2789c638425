import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualTime } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { ADMIN, createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'baton-body-time-'));
const time = createVirtualTime();
const PATIENT = { timeout: 30_000, interval: 5 };
const IMPORT = '/api/v1/events/import';
let relay: RelayFixture;
let archive: Buffer;

beforeAll(async () => {
  const store = createMemoryStore();
  relay = await startRelay({ ...time, store, http: { archive: { directory, store } } });
  await createEvent(relay, 'e1');
  const response = await fetch(`${relay.base}/api/v1/events/e1/archive`, {
    headers: { Authorization: `Bearer ${ADMIN}` },
  });
  archive = Buffer.from(await response.arrayBuffer());
  await relay.ask('DELETE', '/api/v1/events/e1');
});

afterAll(async () => {
  await relay.close();
  rmSync(directory, { recursive: true });
});

/** A request whose body is sent piece by piece. */
const sending = (path: string, token: string, length: number) => {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Length': String(length) };
  const sent = request({ host: '127.0.0.1', port: relay.port, method: 'POST', path, headers, agent: false });
  const status = new Promise<number>((resolve, reject) => {
    sent.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once('error', reject);
  });
  status.catch(() => {}); // looked at by the test
  const closed = new Promise<void>((resolve) => sent.once('close', resolve));
  return { write: (part: Buffer) => sent.write(part), end: () => sent.end(), status, closed };
};

const spooled = (): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

describe('a body that comes slowly', () => {
  it('[P22] of an archive may take as long as it goes on coming', async () => {
    const upload = sending(IMPORT, ADMIN, archive.length);
    const piece = Math.ceil(archive.length / 5);
    for (let at = 0; at < archive.length; at += piece) {
      upload.write(archive.subarray(at, at + piece));
      if (at + piece >= archive.length) break;
      await vi.waitFor(() => expect(spooled()).toBe(at + piece), PATIENT);
      time.advance(50_000);
    }
    upload.end();
    expect(await upload.status).toBe(200);
    expect((await relay.ask('GET', '/api/v1/events/e1')).status).toBe(200);
  });

  it('[P18] of an archive is cut when nothing comes for a minute, and the next may try', async () => {
    const upload = sending(IMPORT, ADMIN, archive.length);
    upload.write(archive.subarray(0, 10));
    await vi.waitFor(() => expect(spooled()).toBe(10), PATIENT);
    time.advance(59_000);
    expect(spooled()).toBe(10);
    time.advance(1_000);
    expect(await upload.status).toBe(408);
    await vi.waitFor(() => expect(spooled()).toBe(0), PATIENT);
    expect(await relay.ask('POST', IMPORT, { raw: 'no archive' })).toMatchObject({ status: 400 });
  });

  it('[P18] of any other request, or of somebody who may not import, is cut after a minute, whatever comes meanwhile', async () => {
    const operator = await createToken(relay, 'operator', 'e1');
    for (const [path, token] of [
      ['/api/v1/events', ADMIN],
      [IMPORT, operator],
    ] as const) {
      const before = time.pending();
      const body = sending(path, token, 1000);
      body.write(Buffer.from('{"title"'));
      await vi.waitFor(() => expect(time.pending()).toBeGreaterThan(before), PATIENT);
      time.advance(40_000);
      body.write(Buffer.from(':'));
      time.advance(20_000);
      await body.closed;
      expect(await body.status).toBe(token === ADMIN ? 408 : 403);
    }
  });
});
