import { existsSync, readFileSync } from 'node:fs';
import type { ReadBody } from '@baton/schema/http';
import { parseIpicoLine, readFromLine } from '@baton/schema/reads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, type RelayFixture, seedStream, startRelay } from './relay-fixture.ts';

const DUMP = new URL('../../../../shared/data/ipico/reader-dump-part.txt', import.meta.url).pathname;

let f: RelayFixture;
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const view = async (
  id: string,
  query = '',
): Promise<{ readonly reads: readonly ReadBody[]; readonly total: number }> => {
  const answer = await f.ask('GET', `/api/v1/streams/${id}/reads${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as { reads: ReadBody[]; total: number };
};

const seqs = async (id: string, query: string): Promise<readonly number[]> =>
  (await view(id, query)).reads.map((read) => read.seq);

describe('reads', () => {
  it('are those of the current epoch by default, page by page, either way', async () => {
    const lines = Array.from({ length: 25 }, (_, n) => `line ${n + 1}`);
    await seedStream(f, 'e1', 'r1.mat', { 1: ['old'], 2: lines });
    expect(await view('r1.mat')).toMatchObject({ total: 25 });
    expect(await seqs('r1.mat', '?limit=3')).toEqual([1, 2, 3]);
    expect(await seqs('r1.mat', '?limit=3&offset=23')).toEqual([24, 25]);
    expect(await seqs('r1.mat', '?limit=3&order=desc')).toEqual([25, 24, 23]);
    expect(await seqs('r1.mat', '?limit=3&offset=23&order=desc')).toEqual([2, 1]);
    expect(await seqs('r1.mat', '?offset=25')).toEqual([]);
    expect(await seqs('r1.mat', '?offset=26&order=desc')).toEqual([]);
    expect(await view('r1.mat', '?epoch=1')).toMatchObject({ total: 1, reads: [{ seq: 1, kind: 'RAW' }] });
  });

  it.each([
    'limit=0',
    'limit=10001',
    'limit=x',
    'limit=-1',
    'limit=1&limit=2',
    'offset=-1',
    'offset=1e3',
    'order=up',
    'dedup=all',
    'windowSecs=-1',
    'windowSecs=x',
    'epoch=0',
    'epoch=x',
    'epoch=4294967296',
  ])('refuse ?%s', async (query) => {
    await seedStream(f, 'e1', 'r2.mat', { 1: [] });
    const answer = await f.ask('GET', `/api/v1/streams/r2.mat/reads?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('of an epoch that is not there are none to be had', async () => {
    await seedStream(f, 'e1', 'r3.mat', { 1: [] });
    expect((await f.ask('GET', '/api/v1/streams/r3.mat/reads?epoch=9')).status).toBe(404);
    expect(await view('r3.mat')).toEqual({ reads: [], total: 0 });
  });
});

/** Windows as the contract says them, by plain search and apart from the code: which lines stay. */
const keptOf = (lines: readonly string[], mode: 'first' | 'last', windowMs: number): readonly number[] => {
  const windows: { readonly chip: string; readonly anchor: number; readonly seqs: number[] }[] = [];
  const kept: number[] = [];
  for (const [index, line] of lines.entries()) {
    const read = readFromLine(Buffer.from(line, 'latin1'), 0);
    if (read.chip === null || read.readerTime === null) {
      kept.push(index + 1);
      continue;
    }
    const at = Date.parse(`${read.readerTime}Z`);
    const open = windows.filter((it) => it.chip === read.chip).at(-1);
    if (open !== undefined && Math.abs(at - open.anchor) < windowMs) open.seqs.push(index + 1);
    else windows.push({ chip: read.chip, anchor: at, seqs: [index + 1] });
  }
  for (const { seqs: all } of windows) kept.push((mode === 'first' ? all[0] : all.at(-1)) ?? 0);
  return kept.sort((a, b) => a - b);
};

describe('reads without repeats', () => {
  it('[RT-44] of a recorded dump, with repeats and steps backwards, are as counted apart', async () => {
    expect(existsSync(DUMP), `the recorded dump is not at ${DUMP}`).toBe(true);
    const lines = readFileSync(DUMP, 'latin1')
      .split(/\r?\n/)
      .filter((line) => parseIpicoLine(Buffer.from(line, 'latin1')).type === 'read');
    await seedStream(f, 'e1', 'dump.mat', { 1: lines });
    expect(await view('dump.mat', '?dedup=none&limit=10000')).toMatchObject({ total: lines.length });
    for (const mode of ['first', 'last'] as const) {
      for (const windowSecs of [0.5, 5, 60, 3600]) {
        const wanted = keptOf(lines, mode, windowSecs * 1000);
        const shown = await view('dump.mat', `?dedup=${mode}&windowSecs=${windowSecs}&limit=10000`);
        expect(shown.total).toBe(wanted.length);
        expect(shown.reads.map((read) => read.seq)).toEqual(wanted);
        for (const read of shown.reads) {
          expect(Buffer.from(read.raw, 'base64').toString('latin1')).toBe(lines[read.seq - 1]);
        }
      }
    }
    const first = keptOf(lines, 'first', 5000);
    expect(await seqs('dump.mat', '?dedup=first')).toEqual(first.slice(0, 1000));
    expect(await seqs('dump.mat', '?dedup=first&order=desc&limit=7&offset=3')).toEqual(
      [...first].reverse().slice(3, 10),
    );
    expect(await seqs('dump.mat', '?dedup=last&offset=1000000')).toEqual([]);
  });
});
