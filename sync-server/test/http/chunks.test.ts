import { BATCH_MEDIA_TYPE, type BatchBody, CHUNK_READS as SIZE } from '@baton/schema/http';
import { decodeBatch, readsOfBatch } from '@baton/schema/reads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN,
  appendLines,
  createEvent,
  createRace,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
  streamId,
} from './relay-fixture.ts';

let f: RelayFixture;
const lines = Array.from({ length: 2500 }, (_, n) => `line ${n + 1}`);
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
  await seedStream(f, 'e1', 'f1.mat', { 1: lines, 2: ['x', 'y', 'z'] });
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const at = (path: string, headers: Record<string, string> = {}) =>
  f.askAsIs('GET', `/api/v1/streams/f1.mat/epochs/${path}`, { headers });

const linesOf = (body: unknown): readonly string[] =>
  (body as BatchBody).reads.map((read) => Buffer.from(read.raw, 'base64').toString('latin1'));

/** Body and headers of a binary answer. */
const binaryAt = async (path: string) => {
  const response = await fetch(`${f.base}/api/v1/streams/f1.mat/epochs/${path}`, {
    headers: { Authorization: `Bearer ${ADMIN}`, Accept: BATCH_MEDIA_TYPE },
  });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
};

describe('chunks', () => {
  it('are full stretches of the log, for ever', async () => {
    for (const k of [0, 1]) {
      const answer = await at(`1/chunks/${k}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ streamId: 'f1.mat', epoch: 1, firstSeq: k * SIZE + 1 });
      expect(linesOf(answer.body)).toEqual(lines.slice(k * SIZE, (k + 1) * SIZE));
      expect(answer.headers.get('cache-control')).toBe('private, immutable');
      expect(Date.parse(answer.headers.get('expires') ?? '')).toBeGreaterThan(f.core.clock.now() + 300 * 86_400_000);
    }
  });

  it('with the tail after them are the whole epoch, and what pull tells', async () => {
    const parts = [await at('1/chunks/0'), await at('1/chunks/1'), await at(`1/tail/${2 * SIZE}`)];
    expect(parts.flatMap((part) => linesOf(part.body))).toEqual(lines);
    const pulled = await f.ask('POST', '/api/v1/events/e1/pull', {
      body: { clock: { 'f1.mat': { 1: 2 * SIZE } }, targets: [{ streamId: 'f1.mat', epoch: 1 }] },
    });
    expect((pulled.body as { batches: unknown[] }).batches[0]).toEqual(parts[2]?.body);
  });

  it.each([
    ['one that is not full', '1/chunks/2', 404],
    ['one far beyond', '1/chunks/99999999999', 404],
    ['one of an epoch with few reads', '2/chunks/0', 404],
    ['one of an epoch that is not there', '9/chunks/0', 404],
    ['number -1', '1/chunks/-1', 400],
    ['number 1e3', '1/chunks/1e3', 400],
    ['no number', '1/chunks/x', 400],
    ['a number of 30 digits', `1/chunks/${'9'.repeat(30)}`, 400],
  ])('%s is an error with an envelope', async (_, path, status) => {
    const answer = await at(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      code: status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST',
      message: expect.any(String),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('come as one batch of columns to who asks for it', async () => {
    const { response, bytes } = await binaryAt('1/chunks/1');
    expect(response.headers.get('content-type')).toContain(BATCH_MEDIA_TYPE);
    expect(response.headers.get('vary')).toContain('Accept');
    const batch = decodeBatch(bytes);
    if (!batch.ok) throw new Error(batch.error.message);
    const reads = readsOfBatch(batch.value, Number(response.headers.get('baton-first-seq')));
    expect(reads[0]?.seq).toBe(SIZE + 1);
    expect(reads.map((read) => Buffer.from(read.raw).toString('latin1'))).toEqual(lines.slice(SIZE, 2 * SIZE));
  });

  it('[P14] are for members of the event', async () => {
    await createEvent(f, 'e2');
    const foreign = await createToken(f, 'operator', 'e2');
    const forwarder = await createToken(f, 'forwarder', 'e1', 'f1');
    const otherForwarder = await createToken(f, 'forwarder', 'e1', 'f2');
    const ask = (token: string | null) => f.ask('GET', '/api/v1/streams/f1.mat/epochs/1/chunks/0', { token });
    expect((await ask(null)).status).toBe(401);
    expect((await ask(foreign)).status).toBe(404);
    expect((await ask(otherForwarder)).status).toBe(403);
    expect((await ask(forwarder)).status).toBe(200);
  });
});

describe('tail', () => {
  it('tells reads with a greater seq, and is not told again unless it has grown', async () => {
    const first = await at('2/tail/1');
    expect(first.body).toMatchObject({ streamId: 'f1.mat', epoch: 2, firstSeq: 2 });
    expect(linesOf(first.body)).toEqual(['y', 'z']);
    const etag = first.headers.get('etag') ?? '';
    const again = await at('2/tail/1', { 'If-None-Match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
    await appendLines(f.core, streamId('f1.mat'), 2, 4, ['new']);
    const grown = await at('2/tail/1', { 'If-None-Match': etag });
    expect(linesOf(grown.body)).toEqual(['y', 'z', 'new']);
    expect(grown.headers.get('etag')).not.toBe(etag);
  });

  it('is empty at the head and beyond', async () => {
    for (const after of [4, 5, 1_000_000]) {
      const answer = await at(`2/tail/${after}`);
      expect(answer.body).toEqual({ streamId: 'f1.mat', epoch: 2, firstSeq: after + 1, reads: [] });
    }
    expect((await binaryAt('2/tail/4')).response.status).toBe(204);
  });

  it('is there for an epoch that is mapped without reads, not for one that is not', async () => {
    const race = await createRace(f, 'e1');
    expect((await at('7/tail/0')).status).toBe(404);
    await f.ask('PUT', '/api/v1/streams/f1.mat/epochs/7/race', { body: { raceId: race.raceId } });
    expect((await at('7/tail/0')).body).toMatchObject({ reads: [] });
  });

  it('is another thing as columns than as JSON, also to caches', async () => {
    const { response, bytes } = await binaryAt('1/tail/1400');
    const batch = decodeBatch(bytes);
    expect(batch.ok && batch.value.count).toBe(SIZE);
    expect(response.headers.get('etag')).not.toBe((await at('1/tail/1400')).headers.get('etag'));
  });
});
