import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Replica, setupRows } from '@baton/client-core';
import { openPgliteReplica, systemTimers } from '@baton/client-core/node';
import { EMPTY_ROSTER, EMPTY_SETUP, participantIdFor, type Race } from '@baton/schema/doc';
import { EventId, RaceId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { encodeBatch, pairKey, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { givenChips, unknownChips } from '../../src/receiver/chips/chips-query.ts';
import { exportReads } from '../../src/receiver/export/export-reads.ts';
import { exportResults } from '../../src/receiver/export/export-results.ts';
import type { Question } from '../../src/receiver/live-rows.ts';
import { createReadsStore } from '../../src/receiver/reads/reads-store.ts';
import { categoriesOf, onCourseOf, RACES, resultsOf } from '../../src/receiver/results/results-query.ts';
import { SQL_EXAMPLES } from '../../src/receiver/sql/sql-examples.ts';
import { TABLE_WORDS } from '../../src/receiver/sql/table-words.ts';

/** The page's statements against a real PGlite. */
const [half, finish] = [StreamId.parse('mat-1.half'), StreamId.parse('mat-1.finish')];
const ten = RaceId.parse('ten');
const PATIENCE = { timeout: 20_000, interval: 20 };
const RUNNERS = 30;
const START = Date.UTC(2026, 4, 17, 10);

const chipOf = (runner: number): string => `0580aa${runner.toString(16).padStart(6, '0')}`;
const idOf = (runner: number) => participantIdFor(ten, String(100 + runner));

const lineOf = (runner: number, ms: number): Uint8Array =>
  new TextEncoder().encode(
    renderIpicoLine({
      readerId: 0,
      tag: chipOf(runner),
      iCount: 1,
      qCount: 1,
      wallHundredths: Math.round((START + ms) / 10),
      extra: null,
      kind: 'RAW',
    }),
  );

const frame = (streamId: StreamId, epoch: number, firstSeq: number, lines: readonly Uint8Array[]) => ({
  streamId,
  epoch,
  firstSeq,
  batch: encodeBatch(lines.map((line, at) => readFromLine(line, 1_779_000_000_000 + firstSeq + at))),
});

const race: Race = {
  raceId: ten,
  name: '10 km',
  startAt: '2026-05-17T10:00:00',
  points: [],
  categories: [{ categoryId: 'w', name: 'Women', sex: 'F', ageFrom: null, ageTo: null }],
};

const runners = Array.from({ length: RUNNERS }, (_, at) => at);
const setup = { ...EMPTY_SETUP, races: new Map([[ten, race]]), epochRaces: new Map([[pairKey(finish, 1), ten]]) };
const roster = {
  ...EMPTY_ROSTER,
  participants: new Map(
    runners.map((at) => [
      idOf(at),
      {
        participantId: idOf(at),
        bib: String(100 + at),
        firstName: 'Ada',
        lastName: at === 3 ? '100% _Sure_' : `N${at}`,
        club: at === 4 ? '=cmd()' : null,
        sex: at % 2 === 0 ? ('F' as const) : ('M' as const),
        birthYear: null,
        category: null,
        raceId: ten,
      },
    ]),
  ),
  chips: new Map(runners.map((at) => [chipOf(at), idOf(at)])),
};

const root = mkdtempSync(join(tmpdir(), 'baton-page-'));
let replica: Replica;

const ask = async ({ sql, params }: Question) => {
  const answer = await replica.select(sql, params);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.rows;
};

const noRead = Uint8Array.of(0x6e, 0x6f, 0x00, 0xe9, 0x22);

beforeAll(async () => {
  const opened = await openPgliteReplica(
    { timers: systemTimers, log: silentLog },
    {
      dataDir: root,
      owner: 'test',
      limits: { openMs: 150_000, callMs: 60_000 },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  replica = opened.value;
  const event = { eventId: EventId.parse('e1'), title: 'Run', date: '2026-05-17', timezone: 'Europe/Copenhagen' };
  await replica.applySetup(setupRows(setup, roster, [], event));
  await replica.applyReads([
    frame(
      half,
      1,
      1,
      runners.map((at) => lineOf(at, 900_000 + at * 1000)),
    ),
  ]);
  const times = [...runners.map((at) => lineOf(at, 2_000_000 + at * 1000)), lineOf(999, 2_100_000), noRead];
  await replica.applyReads([frame(finish, 1, 1, times)]);
  await replica.applyReads([frame(finish, 2, 1, [lineOf(1, 3_000_000)])]);
  await vi.waitFor(async () => expect(await replica.resultsState()).toMatchObject({ current: true }), PATIENCE);
}, 180_000);

afterAll(async () => {
  await replica.close();
  rmSync(root, { recursive: true, force: true });
});

describe('results', () => {
  const all = { race: ten, category: '', sex: '', text: '' };

  it('come in the order of places, among those chosen', async () => {
    const rows = await ask(resultsOf(all));
    expect(rows.map((row) => [row[1], row[2]])).toEqual(runners.map((at) => [at + 1, String(100 + at)]));
    const women = await ask(resultsOf({ ...all, sex: 'F' }));
    expect(women.map((row) => row[1])).toEqual(Array.from({ length: RUNNERS / 2 }, (_, at) => at + 1));
    expect(await ask(categoriesOf(ten))).toEqual([['w', 'Women', 0]]);
    expect(await ask(resultsOf({ ...all, category: 'w' }))).toHaveLength(RUNNERS / 2);
    expect(await ask(RACES)).toEqual([[ten, '10 km', RUNNERS]]);
    expect(await ask(onCourseOf(ten))).toEqual([]);
  });

  it('are found by words, in which nothing is a wildcard', async () => {
    const found = async (text: string) => (await ask(resultsOf({ ...all, text }))).map((row) => row[2]);
    expect(await found('100% _sure')).toEqual(['103']);
    expect(await found('ada n12')).toEqual(['112']);
    expect(await found('%')).toEqual(['103']);
    expect(await found("'; DROP TABLE results; --")).toEqual([]);
  });

  it('are saved as CSV with texts made inert', async () => {
    const made = await exportResults(replica, ten);
    const lines = made.ok ? made.value.text.split('\r\n') : [];
    expect(lines).toHaveLength(RUNNERS + 2);
    expect(lines[1]).toBe('1,100,Ada N0,,F,Women,,,33:20.0,0:00.0,1,1');
    expect(lines[5]).toContain(",Ada N4,'=cmd(),F,");
  });
});

it('chips are told by who has them, and by nobody', async () => {
  expect(await ask(unknownChips(''))).toMatchObject([[chipOf(999), 1, expect.any(Number), finish]]);
  expect(await ask(unknownChips('%'))).toEqual([]);
  expect(await ask(givenChips('101'))).toMatchObject([[chipOf(1), '101', 'Ada N1', '10 km', 3, expect.any(Number)]]);
  expect(await ask(givenChips(''))).toHaveLength(RUNNERS);
});

describe('exports', () => {
  const job = { onProgress: () => {}, isCancelled: () => false };
  const textOf = async (blob: Blob): Promise<string> => Buffer.from(await blob.arrayBuffer()).toString('latin1');

  it('[RT-41] are the lines byte for byte in the order of epoch and number', async () => {
    const made = await exportReads(replica, { ...job, scope: { type: 'stream', streamId: finish }, format: 'txt' });
    if (!made.ok) throw new Error(made.error);
    const lines = (await textOf(made.value.blob)).split('\n');
    expect(made.value.reads).toBe(RUNNERS + 3);
    expect(lines[RUNNERS + 1]).toBe(Buffer.from(noRead).toString('latin1'));
    expect(lines[RUNNERS + 2]).toBe(Buffer.from(lineOf(1, 3_000_000)).toString('latin1'));
  });

  it('[RT-41] are CSV as the relay has it, of a race or of an epoch', async () => {
    const ofRace = await exportReads(replica, { ...job, scope: { type: 'race', raceId: ten }, format: 'csv' });
    const ofEpoch = await exportReads(replica, {
      ...job,
      scope: { type: 'epoch', streamId: finish, epoch: 1 },
      format: 'csv',
    });
    if (!ofRace.ok || !ofEpoch.ok) throw new Error('not exported');
    const text = await textOf(ofRace.value.blob);
    expect(text).toBe(await textOf(ofEpoch.value.blob));
    expect(text.startsWith('streamId,epoch,seq,readerTime,receivedAt,chip,kind,raw\r\n')).toBe(true);
    expect(text).toContain('"no\u0000\u00e9"""');
  });

  it('end when somebody cancels', async () => {
    const scope = { type: 'stream', streamId: finish } as const;
    const made = await exportReads(replica, { ...job, isCancelled: () => true, scope, format: 'txt' });
    expect(made).toEqual({ ok: false, error: 'it was cancelled' });
  });
});

describe('the console', () => {
  it('has examples that all run', async () => {
    for (const { title, sql } of SQL_EXAMPLES) {
      const answer = await replica.select(sql);
      expect(answer.ok ? 'runs' : `${title}: ${answer.error.message}`).toBe('runs');
    }
  });

  it('shows any line as a text, one with a zero byte escaped', async () => {
    const rows = await ask({ sql: 'SELECT line FROM read_lines WHERE chip IS NULL', on: [] });
    expect(rows).toEqual([['no\\000\\351"']]);
  });

  it('knows what each table and view is for', async () => {
    const rows = await ask({
      sql: "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
      on: [],
    });
    expect(rows.map((row) => row[0]).sort()).toEqual(Object.keys(TABLE_WORDS).sort());
  });
});

describe('the list of reads', () => {
  const open = (stream = '', who = '') => createReadsStore({ replica, timers: systemTimers }, { stream, who });
  const held = 2 * RUNNERS + 3;

  it('is newest first, with whose each read is', async () => {
    const store = open();
    store.look(0, held);
    await vi.waitFor(() => expect(store.rowAt(held - 1)).not.toBeNull(), PATIENCE);
    expect(store.view.value).toMatchObject({ count: held, fresh: 0, isCounting: false, problem: null });
    expect(store.rowAt(0)).toMatchObject({ 1: finish, 2: 2, 3: 1, 9: '101', 10: 'Ada N1' });
    expect(store.rowAt(1)?.[8]).toEqual(noRead);
    expect(store.rowAt(held - 1)).toMatchObject({ 1: half, 3: 1 });
    expect(store.rowAt(held)).toBeNull();
    store.stop();
  });

  it('fetches what is looked at the moment one leaves the top', async () => {
    const store = open();
    store.look(0, 1);
    await vi.waitFor(() => expect(store.rowAt(0)).not.toBeNull(), PATIENCE);
    await replica.applyReads([
      frame(
        half,
        2,
        1,
        Array.from({ length: 450 }, (_, at) => lineOf(at % 7, 5_000_000 + at)),
      ),
    ]);
    await vi.waitFor(() => expect(store.view.value.count).toBe(held + 450), PATIENCE);
    store.follow(false);
    store.look(held + 440, held + 449);
    await vi.waitFor(() => expect(store.rowAt(held + 449)).toMatchObject({ 1: half, 3: 1 }), PATIENCE);
    store.stop();
    await replica.dropEpoch({ streamId: half, epoch: 2 });
  });

  it('is of one stream, one chip, one bib', async () => {
    for (const [stream, who, count] of [
      [finish, '', RUNNERS + 3],
      ['', chipOf(999).toUpperCase(), 1],
      ['', '101', 3],
      [half, '101', 1],
      ['', 'nobody', 0],
    ] as const) {
      const store = open(stream, who);
      await vi.waitFor(() => expect(store.view.value).toMatchObject({ count, isCounting: false }), PATIENCE);
      store.stop();
    }
  });

  it('stands still while somebody reads, and starts anew when an epoch was dropped', async () => {
    const store = open();
    store.look(0, 40);
    await vi.waitFor(() => expect(store.view.value.count).toBe(held), PATIENCE);
    store.follow(false);
    await replica.applyReads([frame(finish, 2, 2, [lineOf(2, 3_000_000), lineOf(3, 3_000_000)])]);
    await vi.waitFor(() => expect(store.view.value).toMatchObject({ count: held, fresh: 2 }), PATIENCE);
    expect(store.rowAt(0)).toMatchObject({ 3: 1, 9: '101' });
    store.follow(true);
    await vi.waitFor(() => expect(store.rowAt(0)).toMatchObject({ 2: 2, 3: 3, 9: '103' }), PATIENCE);
    await replica.dropEpoch({ streamId: half, epoch: 1 });
    await vi.waitFor(
      () => expect(store.view.value).toMatchObject({ count: held + 2 - RUNNERS, isCounting: false }),
      PATIENCE,
    );
    store.look(0, 60);
    await vi.waitFor(() => expect(store.rowAt(held + 1 - RUNNERS)).toMatchObject({ 1: finish, 3: 1 }), PATIENCE);
    store.stop();
  });
});
