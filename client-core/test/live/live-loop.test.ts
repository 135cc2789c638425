import type { Log, LogFields } from '@baton/schema/ports';
import { silentLog } from '@baton/schema/ports';
import { err, ok } from '@baton/schema/result';
import { describe, expect, it } from 'vitest';
import type { ProcessManager, Projection } from '../../src/live/consumer.ts';
import { type Dispatcher, dispatchFailed } from '../../src/live/dispatcher.ts';
import { DEFAULT_LIVE_CONFIG } from '../../src/live/live-config.ts';
import type { LiveStore } from '../../src/live/store.ts';
import { createMemoryStore } from '../../src/live/stores/memory-store.ts';
import { commandPerRead, countByChip, createStage, start, startCaughtUp, untilCaughtUp } from './support/live-stage.ts';
import { OTHER, PAIR } from './support/log-source.ts';

const laps = countByChip('laps');

const taken = <T>(result: { readonly ok: boolean; readonly value?: T }): T | undefined => result.value;

/** A log that remembers. */
const recorded = () => {
  const lines: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  const keep = (message: string, fields?: LogFields): void => void lines.push({ message, fields });
  const log: Log = { ...silentLog, warn: keep, error: keep };
  return { lines, log };
};

describe('starting and stopping', () => {
  it('[EF-01] saves checkpoints each 5 s and comes back after 1 to 30 s unless told otherwise', () => {
    expect(DEFAULT_LIVE_CONFIG).toMatchObject({ checkpointMs: 5000, reconnect: { firstMs: 1000, maxMs: 30_000 } });
  });

  it('[EF-02] saves as often as it is told', async () => {
    const stage = createStage({ projections: [laps], liveConfig: { checkpointMs: 50 } });
    stage.log.append(PAIR, ['a', 'b']);
    await start(stage);
    await stage.time.advanceAsync(49);
    expect(taken(await stage.store.load('laps'))).toBeNull();
    await stage.time.advanceAsync(2);
    const first = taken(await stage.store.load('laps'));
    expect(first).toContain('"a":1');
    stage.log.append(PAIR, ['a']);
    await stage.time.advanceAsync(50);
    expect(taken(await stage.store.load('laps'))).toContain('"a":2');
  });

  it('[EF-03] gives a handle that ends it, says where it stands and tells of changes, joined over a turn', async () => {
    const stage = createStage({ projections: [laps] });
    stage.log.append(PAIR, ['a', 'b', 'c']);
    const handle = await start(stage);
    const told: boolean[] = [];
    const stop = handle.subscribe(({ caughtUp }) => told.push(caughtUp));
    await stage.time.advanceAsync(20);
    expect(handle.isCaughtUp()).toBe(true);
    expect(told.at(-1)).toBe(true);
    const before = told.length;
    stop();
    stage.log.append(PAIR, ['d']);
    await stage.time.advanceAsync(20);
    expect(told).toHaveLength(before);
    expect(await handle.shutdown()).toEqual(ok(undefined));
    expect(stage.log.open()).toBe(0);
  });

  it('[EF-04] refuses a second start, also of two at once, and may be started again after its end', async () => {
    const stage = createStage({ projections: [laps] });
    const both = await Promise.all([stage.live.startLive(), stage.live.startLive()]);
    expect(both.map((it) => it.ok)).toEqual([true, false]);
    expect(both[1]).toMatchObject({ error: { type: 'already-started' } });
    expect(await stage.live.startLive()).toMatchObject({ error: { type: 'already-started' } });
    if (both[0].ok) await both[0].value.shutdown();
    expect((await stage.live.startLive()).ok).toBe(true);
  });

  it('[EF-05] asks the source for nothing until it is started', async () => {
    const stage = createStage({ projections: [laps], processManagers: [commandPerRead('notes')] });
    await stage.time.advanceAsync(60_000);
    expect([stage.log.begun.length, stage.log.pulls()]).toEqual([0, 0]);
  });

  it('[EF-14] saves everything at the end, and reads nothing twice afterwards', async () => {
    const seen: number[] = [];
    const spy: Projection<number> = {
      name: 'spy',
      version: '1',
      initial: () => 0,
      apply: (count, item) => {
        if (item.type === 'read') seen.push(item.seq);
        return count + 1;
      },
    };
    const stage = createStage({ projections: [spy], liveConfig: { checkpointMs: 1_000_000 } });
    stage.log.append(PAIR, ['a', 'b', 'c']);
    const first = await startCaughtUp(stage);
    await first.shutdown();
    stage.log.append(PAIR, ['d']);
    const again = stage.open();
    await startCaughtUp({ ...stage, live: again });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(await again.liveProjection(spy)).toEqual(ok(4));
  });

  it('[EF-15] ends once, however often and from wherever it is asked', async () => {
    const stage = createStage({ projections: [laps], processManagers: [commandPerRead('notes')] });
    const handle = await startCaughtUp(stage);
    const copy = { ...handle };
    const ends = await Promise.all([handle.shutdown(), copy.shutdown(), handle.shutdown(), stage.live.close()]);
    expect(ends.slice(0, 3)).toEqual([ok(undefined), ok(undefined), ok(undefined)]);
    expect(await handle.shutdown()).toEqual(ok(undefined));
    expect(stage.time.pending()).toBe(0);
  });

  it('tells that a checkpoint could not be saved, and saves it the next time', async () => {
    const memory = createMemoryStore();
    let full = true;
    const store: LiveStore = {
      ...memory,
      save: async (consumer, text) =>
        full ? err({ type: 'store-failed', message: 'disk full' }) : memory.save(consumer, text),
    };
    const { lines, log } = recorded();
    const stage = createStage({ projections: [laps], store, log });
    stage.log.append(PAIR, ['a']);
    const handle = await startCaughtUp(stage);
    await stage.time.advanceAsync(5000);
    expect(lines.at(-1)).toMatchObject({ message: 'a checkpoint could not be saved', fields: { error: 'disk full' } });
    expect(await handle.shutdown()).toMatchObject({ error: { message: 'disk full' } });
    full = false;
    const again = await startCaughtUp(stage);
    await again.shutdown();
    expect(taken(await memory.load('laps'))).toContain('"a":1');
  });

  it('does not begin where its checkpoints cannot be read, and may be tried again', async () => {
    const memory = createMemoryStore();
    let broken = true;
    const store: LiveStore = {
      ...memory,
      load: async (consumer) =>
        broken ? err({ type: 'store-failed', message: 'no such disk' }) : memory.load(consumer),
    };
    const stage = createStage({ projections: [laps], store });
    expect(await stage.live.startLive()).toMatchObject({ error: { message: 'no such disk' } });
    expect(stage.log.begun).toHaveLength(0);
    broken = false;
    expect((await stage.live.startLive()).ok).toBe(true);
  });

  it('takes no two consumers of one name, and no name that is a path', () => {
    expect(() => createStage({ projections: [laps, countByChip('laps')] })).toThrow('two consumers are called laps');
    for (const name of ['', '../x', '.x', 'a/b', 'x'.repeat(65)]) {
      expect(() => createStage({ projections: [countByChip(name)] })).toThrow('expected 1–64 of');
    }
  });
});

describe('following', () => {
  it('[EF-06] is caught up once the mark has come and everybody has taken in what came before it', async () => {
    const stage = createStage({ projections: [laps] });
    stage.log.append(PAIR, ['a', 'b']);
    stage.log.holdMark(true);
    const handle = await start(stage);
    await stage.time.advanceAsync(500);
    expect(handle.isCaughtUp()).toBe(false);
    stage.log.holdMark(false);
    await stage.time.advanceAsync(5);
    expect(handle.isCaughtUp()).toBe(true);
  });

  it('[EF-06] is not caught up while a command of history is under way', async () => {
    let finish = (): void => {};
    const slow: Dispatcher = () => new Promise((resolve) => (finish = () => resolve(ok(undefined))));
    const stage = createStage({ processManagers: [commandPerRead('notes')], dispatchers: { note: slow } });
    stage.log.append(PAIR, ['a']);
    const handle = await start(stage);
    await stage.time.advanceAsync(100);
    expect([stage.log.open(), handle.isCaughtUp()]).toEqual([1, false]);
    expect(handle.status().consumers[0]?.waitsFor).toContain('note notes/mat.a/1/1');
    finish();
    await stage.time.advanceAsync(5);
    expect(handle.isCaughtUp()).toBe(true);
  });

  it('[EF-07] is not caught up from a cut until it has caught up again', async () => {
    const stage = createStage({ projections: [laps], random: { next: () => 0.999 } });
    const handle = await startCaughtUp(stage);
    stage.log.cut();
    expect(handle.isCaughtUp()).toBe(false);
    await stage.time.advanceAsync(500);
    expect(handle.isCaughtUp()).toBe(false);
    await stage.time.advanceAsync(600);
    expect(handle.isCaughtUp()).toBe(true);
  });

  it('[EF-09] takes in new reads without a call, and pulls nothing for it', async () => {
    const stage = createStage({ projections: [laps] });
    await startCaughtUp(stage);
    stage.log.append(PAIR, ['a', 'a']);
    await stage.time.advanceAsync(10);
    expect(await stage.live.liveProjection(laps)).toEqual(ok({ a: 2 }));
    expect([stage.log.pulls(), stage.log.begun.length]).toEqual([0, 1]);
  });

  it('[EF-10] pulls where nothing runs live, where it runs and is not told all yet, and for what does not run', async () => {
    const stage = createStage({ projections: [laps] });
    stage.log.append(PAIR, ['a']);
    expect(await stage.live.liveProjection(laps)).toEqual(ok({ a: 1 }));
    expect([stage.log.pulls(), stage.log.begun.length]).toEqual([1, 0]);
    stage.log.holdMark(true);
    await start(stage);
    expect(await stage.live.liveProjection(laps)).toEqual(ok({ a: 1 }));
    expect(await stage.live.liveProjection(countByChip('another'))).toEqual(ok({ a: 1 }));
    expect(stage.log.pulls()).toBe(3);
  });

  it('[EF-10] tells why a pull failed, and catches up with the next', async () => {
    const stage = createStage();
    stage.log.append(PAIR, ['a']);
    stage.log.failPulls(true);
    expect(await stage.live.projection(laps)).toMatchObject({ error: { message: 'no network' } });
    stage.log.failPulls(false);
    expect(await stage.live.projection(laps)).toEqual(ok({ a: 1 }));
  });

  it('[EF-11] pulls beside what runs live without either disturbing the other', async () => {
    const stage = createStage({ projections: [laps] });
    stage.log.append(PAIR, ['a', 'b']);
    const handle = await start(stage);
    const pulled = [stage.live.projection(laps), stage.live.projection(laps)];
    await untilCaughtUp(stage, handle);
    stage.log.append(OTHER, ['b']);
    await stage.time.advanceAsync(20);
    expect(await Promise.all(pulled)).toEqual([ok({ a: 1, b: 1 }), ok({ a: 1, b: 1 })]);
    expect(await stage.live.projection(laps)).toEqual(await stage.live.liveProjection(laps));
  });

  it('[EF-16] comes back after 1, 2, 4 … 30 s at most, and after 1 s again once it has caught up', async () => {
    const stage = createStage({ projections: [laps], random: { next: () => 0.999_999 } });
    stage.log.refuse(true);
    const handle = await start(stage);
    await stage.time.advanceAsync(200_000);
    const waits = stage.log.begun.slice(1).map((at, index) => Math.round((at - (stage.log.begun[index] ?? 0)) / 1000));
    expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    stage.log.refuse(false);
    await stage.time.advanceAsync(31_000);
    expect(handle.isCaughtUp()).toBe(true);
    const before = stage.time.timers.mono();
    stage.log.cut();
    await stage.time.advanceAsync(2000);
    expect((stage.log.begun.at(-1) ?? 0) - before).toBeLessThanOrEqual(1000);
  });

  it('[EF-17] waits as long after a clean end: a source that ends each stream at once is not asked without pause', async () => {
    const stage = createStage({ projections: [laps], random: { next: () => 0.5 } });
    stage.log.holdMark(true);
    await start(stage);
    for (let times = 0; times < 20; times++) {
      stage.log.cut('');
      await stage.time.advanceAsync(15_000);
    }
    const waits = stage.log.begun.slice(1).map((at, index) => at - (stage.log.begun[index] ?? 0));
    expect(stage.log.begun.length).toBeLessThanOrEqual(21);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
  });

  it('does not come back where it is refused for good, and says why', async () => {
    const stage = createStage({ projections: [laps] });
    const handle = await startCaughtUp(stage);
    stage.log.cut('the token was revoked', true);
    await stage.time.advanceAsync(100_000);
    expect(stage.log.begun).toHaveLength(1);
    expect(handle.status().state).toEqual({ type: 'refused', reason: 'the token was revoked' });
    expect(await handle.shutdown()).toEqual(ok(undefined));
  });

  it('[EF-21] skips what a consumer throws on, counts and tells it, and goes on with that one and all others', async () => {
    const picky: Projection<number> = {
      name: 'picky',
      version: '1',
      initial: () => 0,
      apply: (count, item) => {
        if (item.type === 'read' && item.chip === 'bad') throw new Error('cannot stand it');
        return count + 1;
      },
    };
    const nervous: ProcessManager<number> = {
      ...commandPerRead('nervous'),
      react: (state, item) => {
        if (item.type === 'read' && item.chip === 'bad') throw new Error('me neither');
        return { state: state + 1, commands: [] };
      },
    };
    const { lines, log } = recorded();
    const stage = createStage({ projections: [picky, laps], processManagers: [nervous], log });
    stage.log.append(PAIR, ['a', 'bad', 'b']);
    const handle = await startCaughtUp(stage);
    expect(await stage.live.liveProjection(picky)).toEqual(ok(2));
    expect(await stage.live.liveProjection(laps)).toEqual(ok({ a: 1, bad: 1, b: 1 }));
    expect(handle.status().consumers.map(({ name, skipped }) => [name, skipped])).toEqual([
      ['picky', 1],
      ['laps', 0],
      ['nervous', 1],
    ]);
    expect(lines.map(({ fields }) => fields?.['item'])).toEqual(['mat.a/1 read 2', 'mat.a/1 read 2']);
  });

  it('[EF-22] has one subscription for all consumers, and gives the source leave only when the slowest is done', async () => {
    const gates: (() => void)[] = [];
    const slow: Dispatcher = () => new Promise((resolve) => gates.push(() => resolve(ok(undefined))));
    const projections = Array.from({ length: 10 }, (_, index) => countByChip(`p${index}`));
    const stage = createStage({ projections, processManagers: [commandPerRead('notes')], dispatchers: { note: slow } });
    stage.log.append(
      PAIR,
      Array.from({ length: 200 }, () => 'a'),
    );
    await start(stage);
    await stage.time.advanceAsync(1000);
    expect(stage.log.begun).toHaveLength(1);
    expect(stage.log.owed()).toBeGreaterThanOrEqual(20);
    expect(stage.log.owed()).toBeLessThan(30);
    for (let open = gates.shift(); open !== undefined; open = gates.shift()) {
      open();
      await stage.time.advanceAsync(1);
    }
    expect(stage.log.owed()).toBe(0);
  });
});

describe('commands', () => {
  it('[EF-12] are run by themselves, in order, once each', async () => {
    const ran: string[] = [];
    const note: Dispatcher = async ({ key }) => {
      ran.push(key);
      return ok(undefined);
    };
    const stage = createStage({ processManagers: [commandPerRead('notes')], dispatchers: { note } });
    await startCaughtUp(stage);
    stage.log.append(PAIR, ['a', 'b', 'c']);
    await stage.time.advanceAsync(20);
    expect(ran).toEqual([1, 2, 3].map((seq) => `notes/mat.a/1/${seq}`));
  });

  it('[EF-13] that cannot be run become dead letters of their manager, and the others go on', async () => {
    let refusing = true;
    const refuse: Dispatcher = async () => (refusing ? dispatchFailed('HTTP 422', false) : ok(undefined));
    const stage = createStage({
      processManagers: [commandPerRead('lost', 'nowhere'), commandPerRead('refused')],
      dispatchers: { note: refuse },
    });
    stage.log.append(PAIR, ['a']);
    await startCaughtUp(stage);
    const letters = taken(await stage.live.deadLetters());
    expect(letters?.map(({ manager, error, attempts }) => [manager, error, attempts])).toEqual([
      ['lost', 'unknown command type: nowhere', 1],
      ['refused', 'HTTP 422', 1],
    ]);
    const key = 'refused/mat.a/1/1';
    expect(await stage.live.retryDeadLetter('refused', key)).toEqual({ type: 'failed', message: 'HTTP 422' });
    expect(taken(await stage.live.deadLetters('refused'))?.[0]?.attempts).toBe(2);
    refusing = false;
    expect(await stage.live.retryDeadLetter('refused', key)).toEqual({ type: 'done' });
    expect(await stage.live.retryDeadLetter('refused', key)).toEqual({ type: 'unknown' });
    expect(await stage.live.dropDeadLetter('lost', 'lost/mat.a/1/1')).toEqual(ok(true));
    expect(await stage.live.deadLetters()).toEqual(ok([]));
  });

  it('[EF-13] are tried again while that may help, then given up; a dispatcher that throws is none of them', async () => {
    const tries = new Map<string, number>();
    const flaky: Dispatcher = async ({ key, payload }) => {
      const tried = (tries.get(key) ?? 0) + 1;
      tries.set(key, tried);
      if (payload === 'throws') throw new Error('a defect');
      return payload === 'recovers' && tried === 3 ? ok(undefined) : dispatchFailed('HTTP 503', true);
    };
    const stage = createStage({ processManagers: [commandPerRead('notes')], dispatchers: { note: flaky } });
    stage.log.append(PAIR, ['recovers', 'stays', 'throws']);
    await startCaughtUp(stage);
    expect([...tries.values()]).toEqual([3, 5, 1]);
    const letters = taken(await stage.live.deadLetters('notes'));
    expect(letters?.map(({ command, attempts }) => [command.payload, attempts])).toEqual([
      ['stays', 5],
      ['throws', 1],
    ]);
  });

  it('[EF-19] move the position only once they ran, or are kept as dead letters on disk', async () => {
    const gates: (() => void)[] = [];
    const slow: Dispatcher = () => new Promise((resolve) => gates.push(() => resolve(ok(undefined))));
    const stage = createStage({
      processManagers: [commandPerRead('notes')],
      dispatchers: { note: slow },
      liveConfig: { checkpointMs: 10 },
    });
    stage.log.append(PAIR, ['a', 'b']);
    await start(stage);
    await stage.time.advanceAsync(100);
    expect(taken(await stage.store.load('notes'))).toContain('"clock":{}');
    gates.shift()?.();
    await stage.time.advanceAsync(100);
    expect(taken(await stage.store.load('notes'))).toContain('"clock":{"mat.a":{"1":1}},"state":1');
  });

  it('[EF-19] wait with their position while a dead letter cannot be kept', async () => {
    const memory = createMemoryStore();
    let full = true;
    const store: LiveStore = {
      ...memory,
      putLetter: async (letter) =>
        full ? err({ type: 'store-failed', message: 'disk full' }) : memory.putLetter(letter),
    };
    const stage = createStage({
      processManagers: [commandPerRead('notes', 'nowhere')],
      store,
      liveConfig: { checkpointMs: 10 },
    });
    stage.log.append(PAIR, ['a']);
    const handle = await start(stage);
    await stage.time.advanceAsync(60_000);
    expect(taken(await memory.load('notes'))).toContain('"clock":{}');
    expect(handle.isCaughtUp()).toBe(false);
    full = false;
    await stage.time.advanceAsync(60_000);
    expect(handle.isCaughtUp()).toBe(true);
    expect(taken(await memory.letters())).toHaveLength(1);
  });

  it('[EF-14] that are under way at the end are finished or done again, never forgotten', async () => {
    const ran: string[] = [];
    const dispatchers: Record<string, Dispatcher> = {
      note: ({ key }, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(dispatchFailed('interrupted', true)), { once: true });
          if (ran.length > 0) return;
          ran.push(key);
          resolve(ok(undefined));
        }),
    };
    const stage = createStage({ processManagers: [commandPerRead('notes')], dispatchers });
    stage.log.append(PAIR, ['a', 'b']);
    const handle = await start(stage);
    await stage.time.advanceAsync(50);
    await handle.shutdown();
    expect(taken(await stage.store.load('notes'))).toContain('"clock":{"mat.a":{"1":1}}');
    dispatchers['note'] = async ({ key }) => {
      ran.push(key);
      return ok(undefined);
    };
    await startCaughtUp({ ...stage, live: stage.open() });
    expect(ran).toEqual(['notes/mat.a/1/1', 'notes/mat.a/1/2']);
    expect(await stage.live.deadLetters()).toEqual(ok([]));
  });

  it('of a clock that ticks come only once history is told', async () => {
    const ticks: number[] = [];
    const clock: ProcessManager<null> = {
      name: 'clock',
      version: '1',
      initial: () => null,
      tickMs: 100,
      react: (state, item) => {
        if (item.type === 'tick') ticks.push(item.now);
        return { state, commands: [] };
      },
    };
    const stage = createStage({ processManagers: [clock] });
    stage.log.holdMark(true);
    const handle = await start(stage);
    await stage.time.advanceAsync(1000);
    expect(ticks).toEqual([]);
    stage.log.holdMark(false);
    await stage.time.advanceAsync(1000);
    expect(ticks.length).toBeGreaterThanOrEqual(9);
    await handle.shutdown();
    await stage.time.advanceAsync(1000);
    expect(ticks.length).toBeLessThanOrEqual(10);
  });
});
