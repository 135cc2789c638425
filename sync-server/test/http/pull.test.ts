import type { PullBody, ReadBody } from '@baton/schema/http';
import { pairKey } from '@baton/schema/reads';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
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
let receiver: string;
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
  await createEvent(f, 'e2');
  receiver = await createToken(f, 'receiver', 'e1', 'tent');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

/** The event loop once around: sockets get their turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const lines = (label: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${label} ${n + 1}`);

const pull = async (body: object): Promise<PullBody> => {
  const answer = await f.ask('POST', '/api/v1/events/e1/pull', { token: receiver, body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body as PullBody;
};

const textOf = (read: ReadBody): string => Buffer.from(read.raw, 'base64').toString('latin1');

/** Pulls until up to date; each read must come once, in order, without a gap. */
const pullAll = async (
  body: object,
  clock: PullBody['clock'] = {},
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const held = new Map<string, string[]>();
  let now = clock;
  for (let rounds = 0; rounds < 10_000; rounds++) {
    const answer = await pull({ ...body, clock: now });
    for (const { streamId: stream, epoch, firstSeq, reads } of answer.batches) {
      const key = pairKey(stream, epoch);
      const got = held.get(key) ?? [];
      const after = clock[stream]?.[epoch] ?? 0;
      expect(firstSeq).toBe(after + got.length + 1);
      expect(reads.map((read) => read.seq)).toEqual(reads.map((_, index) => firstSeq + index));
      held.set(key, [...got, ...reads.map(textOf)]);
    }
    now = answer.clock;
    if (answer.upToDate) return held;
    if (answer.batches.length === 0) throw new Error('neither reads nor up to date');
  }
  throw new Error('never up to date');
};

describe('pull', () => {
  it('[RT-18] tells history from the clock on, the same to whoever asks', async () => {
    await seedStream(f, 'e1', 'p1.mat', { 1: lines('one', 1500), 2: lines('two', 10) });
    const selection = { mode: 'manual', streams: ['p1.mat'] };
    const all = await pullAll({ selection });
    expect(all.get('p1.mat/1')).toEqual(lines('one', 1500));
    expect(all.get('p1.mat/2')).toEqual(lines('two', 10));
    expect(await pullAll({ selection, maxBytes: 5000 })).toEqual(all);
    const rest = await pullAll({ selection }, { 'p1.mat': { 1: 1490, 2: 10 } });
    expect(rest).toEqual(new Map([['p1.mat/1', lines('one', 1500).slice(1490)]]));
  });

  it('gives any partition of the log by any budget', async () => {
    await seedStream(f, 'e1', 'p2.mat', { 1: lines('x', 40), 3: lines('y', 25) });
    const targets = [1, 2, 3].map((epoch) => ({ streamId: 'p2.mat', epoch }));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6000 }), fc.nat(40), fc.nat(25), async (maxBytes, one, three) => {
        const all = await pullAll({ targets, maxBytes }, { 'p2.mat': { 1: one, 3: three } });
        expect(all.get('p2.mat/1') ?? []).toEqual(lines('x', 40).slice(one));
        expect(all.get('p2.mat/3') ?? []).toEqual(lines('y', 25).slice(three));
      }),
      { numRuns: 25 },
    );
  });

  it('always tells at least one read, and about as many bytes as asked for', async () => {
    await seedStream(f, 'e1', 'p3.mat', { 1: lines('z', 500) });
    const targets = [{ streamId: 'p3.mat', epoch: 1 }];
    const one = await pull({ targets, maxBytes: 1 });
    expect(one.batches[0]?.reads.length).toBe(1);
    expect(one).toMatchObject({ clock: { 'p3.mat': { 1: 1 } }, head: { 'p3.mat': { 1: 500 } }, upToDate: false });
    const some = await pull({ targets, maxBytes: 10_000 });
    expect(JSON.stringify(some.batches).length).toBeLessThan(12_000);
    expect(some.batches[0]?.reads.length).toBeGreaterThan(30);
  });

  it('[RT-16] [RT-17] means by a race its mapped epochs, all or the current ones', async () => {
    const race = await createRace(f, 'e1');
    await seedStream(f, 'e1', 'r1.mat', { 1: ['r1e1'], 2: ['r1e2'] });
    await seedStream(f, 'e1', 'r2.mat', { 1: ['r2e1'], 2: ['unmapped'] });
    for (const [stream, epoch] of [
      ['r1.mat', 1],
      ['r1.mat', 2],
      ['r2.mat', 1],
    ] as const) {
      await f.ask('PUT', `/api/v1/streams/${stream}/epochs/${epoch}/race`, { body: { raceId: race.raceId } });
    }
    const select = (epochScope: string) => ({ selection: { mode: 'race', raceId: race.raceId, epochScope } });
    expect([...(await pullAll(select('all'))).keys()]).toEqual(['r1.mat/1', 'r1.mat/2', 'r2.mat/1']);
    expect([...(await pullAll(select('current'))).keys()]).toEqual(['r1.mat/2']);
    await f.ask('PUT', '/api/v1/streams/r1.mat/epochs/2/race', { body: { raceId: null } });
    const none = await pull(select('current'));
    expect(none).toMatchObject({ batches: [], upToDate: true, warnings: [{ code: 'NO_CURRENT_EPOCH_MAPPED' }] });
  });

  it('[RT-25] refuses a race that the event does not have', async () => {
    const selection = { mode: 'race', raceId: '00000000-0000-4000-8000-000000000000', epochScope: 'all' };
    const answer = await f.ask('POST', '/api/v1/events/e1/pull', { body: { clock: {}, selection } });
    expect(answer).toMatchObject({ status: 404, body: { code: 'UNKNOWN_RACE' } });
  });

  it('[P9] warns who is ahead of the relay, and takes nothing from its clock', async () => {
    await seedStream(f, 'e1', 'ahead.mat', { 1: lines('a', 3) });
    const answer = await pull({ clock: { 'ahead.mat': { 1: 9 } }, targets: [{ streamId: 'ahead.mat', epoch: 1 }] });
    expect(answer).toMatchObject({
      batches: [],
      clock: { 'ahead.mat': { 1: 9 } },
      head: { 'ahead.mat': { 1: 3 } },
      warnings: [{ code: 'RELAY_BEHIND', streamId: 'ahead.mat', epoch: 1 }],
    });
  });

  it('[P14] tells nothing of another event’s streams, whatever is asked', async () => {
    await seedStream(f, 'e2', 'foreign.mat', { 1: ['secret'] });
    const asked = await pull({ clock: {}, targets: [{ streamId: 'foreign.mat', epoch: 1 }] });
    const unknown = await pull({ clock: {}, targets: [{ streamId: 'unknown.mat', epoch: 1 }] });
    expect(JSON.stringify(asked).replaceAll('foreign', 'unknown')).toBe(JSON.stringify(unknown));
    expect(asked).toMatchObject({ batches: [], head: {}, warnings: [{ code: 'UNKNOWN_STREAM' }] });
    const other = await f.ask('POST', '/api/v1/events/e2/pull', { token: receiver, body: { clock: {}, targets: [] } });
    expect(other.status).toBe(403);
  });

  it.each([
    ['neither selection nor targets', {}],
    ['both', { selection: { mode: 'manual', streams: [] }, targets: [] }],
    ['a scope that is none', { selection: { mode: 'race', raceId: 'x', epochScope: 'some' } }],
    ['a mode that is none', { selection: { mode: 'all' } }],
    ['a wait of 25,001 ms', { targets: [], waitMs: 25_001 }],
    ['a budget of 0', { targets: [], maxBytes: 0 }],
    ['a budget of 1 GB', { targets: [], maxBytes: 1e9 }],
    ['a clock that is a list', { targets: [], clock: [] }],
    ['a seq that is text', { targets: [], clock: { a: { 1: '5' } } }],
    ['a seq below 0', { targets: [], clock: { a: { 1: -5 } } }],
    ['epoch 0', { targets: [{ streamId: 'a.b', epoch: 0 }] }],
    ['a field nobody knows', { targets: [], since: 5 }],
  ])('is refused with %s', async (_, body) => {
    const answer = await f.ask('POST', '/api/v1/events/e1/pull', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('takes a clock that names nothing real, also by hostile names', async () => {
    const raw = '{"clock":{"__proto__":{"1":5},"x":{"2":1}},"targets":[]}';
    const answer = await f.ask('POST', '/api/v1/events/e1/pull', { raw });
    expect([200, 400]).toContain(answer.status);
  });
});

describe('long poll', () => {
  const target = (stream: string) => ({ targets: [{ streamId: stream, epoch: 1 }] });

  /** Whether a poll of this core listens for appends: then what follows cannot be missed. */
  const whenWaiting = async (ask: () => Promise<PullBody>): Promise<Promise<PullBody>> => {
    const { onAppended } = f.core.log;
    let listening: () => void = () => {};
    const listens = new Promise<void>((resolve) => {
      listening = resolve;
    });
    Object.assign(f.core.log, {
      onAppended: (listener: Parameters<typeof onAppended>[0]) => {
        listening();
        return onAppended(listener);
      },
    });
    const asked = ask();
    await listens;
    Object.assign(f.core.log, { onAppended });
    return asked;
  };

  it('answers as soon as there is a read', async () => {
    await seedStream(f, 'e1', 'w1.mat', { 1: [] });
    const asked = whenWaiting(() => pull({ ...target('w1.mat'), waitMs: 25_000 }));
    await appendLines(f.core, streamId('w1.mat'), 1, 1, ['news']);
    const answer = await asked;
    expect(answer.batches[0]?.reads.map(textOf)).toEqual(['news']);
  });

  it('[RT-20] answers when an epoch is mapped to its race', async () => {
    const race = await createRace(f, 'e1');
    await seedStream(f, 'e1', 'w2.mat', { 1: ['was there'] });
    const selection = { mode: 'race', raceId: race.raceId, epochScope: 'all' };
    const asked = pull({ selection, waitMs: 25_000 });
    await f.ask('PUT', '/api/v1/streams/w2.mat/epochs/1/race', { body: { raceId: race.raceId } });
    expect((await asked).batches[0]).toMatchObject({ streamId: 'w2.mat', epoch: 1 });
  });

  it('answers empty when its time is over, whatever happens elsewhere', async () => {
    await seedStream(f, 'e1', 'w3.mat', { 1: [] });
    await seedStream(f, 'e1', 'busy.mat', { 1: [] });
    let over = false;
    const asked = pull({ ...target('w3.mat'), waitMs: 150 }).finally(() => {
      over = true;
    });
    for (let seq = 1; !over; seq++) {
      await appendLines(f.core, streamId('busy.mat'), 1, seq, ['elsewhere']);
      await turn();
    }
    expect(await asked).toMatchObject({ batches: [], upToDate: true });
  });

  it('[RT-23] loses nothing between looks: a chain of polls gets a growing log whole', async () => {
    await seedStream(f, 'e1', 'w4.mat', { 1: [] });
    const wanted = lines('live', 200);
    const writing = (async () => {
      for (const [index, line] of wanted.entries()) {
        await appendLines(f.core, streamId('w4.mat'), 1, index + 1, [line]);
        await turn();
      }
    })();
    const got: string[] = [];
    let clock: PullBody['clock'] = {};
    while (got.length < wanted.length) {
      const answer = await pull({ ...target('w4.mat'), clock, waitMs: 25_000 });
      for (const batch of answer.batches) got.push(...batch.reads.map(textOf));
      clock = answer.clock;
    }
    await writing;
    expect(got).toEqual(wanted);
  });

  it('ends with its asker', async () => {
    await seedStream(f, 'e1', 'w5.mat', { 1: [] });
    const gone = new AbortController();
    const asked = fetch(`${f.base}/api/v1/events/e1/pull`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${receiver}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ clock: {}, ...target('w5.mat'), waitMs: 25_000 }),
      signal: gone.signal,
    });
    gone.abort();
    await expect(asked).rejects.toThrow();
  });
});
