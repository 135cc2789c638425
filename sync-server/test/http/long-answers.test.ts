import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BatchBody, PullBody, ReadBody } from '@baton/schema/http';
import { renderIpicoLine } from '@baton/schema/reads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createEvent, createRace, type RelayFixture, seedStream, startRelay } from './relay-fixture.ts';

const READS = 3000;
/** Most reads that are handled between two looks at the clock. */
const PIECE = 100;
const CHIPS = 40;

/** Twenty a second, so that each chip comes by every two seconds. */
const line = (index: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: `0580${String(index % CHIPS).padStart(8, '0')}`,
    iCount: 0,
    qCount: 1,
    wallHundredths: Date.UTC(2026, 2, 7, 9) / 10 + index * 5,
    extra: null,
    kind: 'RAW',
  });
const LINES = Array.from({ length: READS }, (_, index) => line(index));

const directory = mkdtempSync(join(tmpdir(), 'baton-long-answers-'));
let f: RelayFixture;
beforeAll(async () => {
  const store = createMemoryStore();
  f = await startRelay({ store, http: { archive: { directory, store } } });
  await createEvent(f, 'e1');
  const race = await createRace(f, 'e1');
  await seedStream(f, 'e1', 'r1.mat', { 1: LINES });
  await f.ask('PUT', '/api/v1/streams/r1.mat/epochs/1/race', { body: { raceId: race.raceId } });
});
afterAll(async () => {
  await f.close();
  rmSync(directory, { recursive: true });
  expect(f.defects).toEqual([]);
});

/** What an answer comes to while work has never any time left, and how often it let others go on. */
const withoutTime = async <T>(ask: () => Promise<T>): Promise<{ readonly answer: T; readonly rests: number }> => {
  const isOver = vi.spyOn(f.core.pace, 'isOver').mockReturnValue(true);
  const rest = vi.spyOn(f.core.pace, 'rest');
  try {
    const answer = await ask();
    return { answer, rests: rest.mock.calls.length };
  } finally {
    isOver.mockRestore();
    rest.mockRestore();
  }
};

const STREAM = '/api/v1/streams/r1.mat';

const bytesOf = async (path: string): Promise<Buffer> => {
  const response = await fetch(`${f.base}${path}`, {
    headers: { Authorization: 'Bearer the-admin-token-of-this-test' },
  });
  expect([path, response.status]).toEqual([path, 200]);
  return Buffer.from(await response.arrayBuffer());
};

const pull = (maxBytes: number) =>
  f.ask('POST', '/api/v1/events/e1/pull', { body: { targets: [{ streamId: 'r1.mat', epoch: 1 }], maxBytes } });

const linesOf = (reads: readonly ReadBody[]): readonly string[] =>
  reads.map(({ raw }) => Buffer.from(raw, 'base64').toString('latin1'));

describe('an answer that goes through thousands of reads', () => {
  it.each([
    `${STREAM}/reads?limit=10000`,
    `${STREAM}/reads?limit=10000&order=desc`,
    `${STREAM}/reads?limit=10&dedup=first`,
    `${STREAM}/reads?limit=10000&dedup=last&order=desc`,
    `${STREAM}/export.csv`,
    `${STREAM}/export.txt`,
    `${STREAM}/epochs/1/export.csv`,
    `${STREAM}/epochs/1/tail/0`,
    '/api/v1/events/e1/archive',
  ])('[P16] lets others go on each hundred of them, and is the same: %s', async (path) => {
    const { answer, rests } = await withoutTime(() => bytesOf(path));
    expect(rests).toBeGreaterThanOrEqual(READS / PIECE);
    expect(answer.equals(await bytesOf(path))).toBe(true);
  });

  it('[P16] as does a pull', async () => {
    const { answer, rests } = await withoutTime(() => pull(8 * 1024 ** 2));
    expect(rests).toBeGreaterThanOrEqual(READS / PIECE);
    const { batches, clock, upToDate, warnings } = answer.body as PullBody;
    expect(batches).toMatchObject([{ streamId: 'r1.mat', epoch: 1, firstSeq: 1 }]);
    expect(linesOf(batches[0]?.reads ?? [])).toEqual(LINES);
    expect({ clock, upToDate, warnings }).toEqual({ clock: { 'r1.mat': { 1: READS } }, upToDate: true, warnings: [] });
  });

  it('[RT-44] is the same whether it is one answer or many', async () => {
    const page = async (query: string) => {
      const { body } = await f.ask('GET', `${STREAM}/reads?${query}`);
      return body as { readonly reads: readonly ReadBody[]; readonly total: number };
    };
    for (const dedup of ['none', 'first', 'last']) {
      for (const order of ['asc', 'desc']) {
        const all = await page(`limit=10000&dedup=${dedup}&order=${order}`);
        const reads: ReadBody[] = [];
        while (reads.length < all.total) {
          const some = await page(`limit=700&offset=${reads.length}&dedup=${dedup}&order=${order}`);
          expect(some.total).toBe(all.total);
          reads.push(...some.reads);
        }
        expect(reads).toEqual(all.reads);
        expect(all.total === READS).toBe(dedup === 'none');
      }
    }
  });

  it('is JSON as a short one is, whatever it is cut into', async () => {
    const { headers, body } = await f.ask('GET', `${STREAM}/epochs/1/tail/0`);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { reads, ...rest } = body as BatchBody;
    expect(rest).toEqual({ streamId: 'r1.mat', epoch: 1, firstSeq: 1 });
    expect(linesOf(reads)).toEqual(LINES);
    const small = (await pull(20_000)).body as PullBody;
    const taken = small.batches[0]?.reads ?? [];
    expect(taken.length).toBeGreaterThan(50);
    expect(taken.length).toBeLessThan(200);
    expect(taken).toEqual(reads.slice(0, taken.length));
    expect(small).toMatchObject({ upToDate: false, clock: { 'r1.mat': { 1: taken.length } } });
  });

  it('as an archive is one line for each thing, whose last counts and proves them', async () => {
    const text = gunzipSync(await bytesOf('/api/v1/events/e1/archive')).toString('utf8');
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    const told = lines.map(
      (it) => JSON.parse(it) as { readonly end?: { readonly lines: number; readonly reads: number } },
    );
    expect(told.at(-1)?.end).toMatchObject({ lines: lines.length - 1, reads: READS });
  });
});
