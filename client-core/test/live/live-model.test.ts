import type { Timers } from '@baton/schema/ports';
import { ok } from '@baton/schema/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dispatcher, dispatchFailed } from '../../src/live/dispatcher.ts';
import type { LiveStore } from '../../src/live/store.ts';
import { createMemoryStore } from '../../src/live/stores/memory-store.ts';
import { commandPerRead, countByChip, createStage, start, untilCaughtUp } from './support/live-stage.ts';
import { OTHER, PAIR } from './support/log-source.ts';

type Trouble =
  | { readonly type: 'append'; readonly other: boolean; readonly chips: readonly string[] }
  | { readonly type: 'cut' }
  | { readonly type: 'pass'; readonly ms: number }
  /** The process dies: what is in memory is gone, what is stored stays. */
  | { readonly type: 'crash' }
  /** It ends as it should, and is started again. */
  | { readonly type: 'restart' }
  /** Only some consumers were started the last time: their clocks are apart. */
  | { readonly type: 'newcomer' };

const chips = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('append' as const), other: fc.boolean(), chips }) },
  { weight: 2, arbitrary: fc.constant({ type: 'cut' as const }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
  { weight: 1, arbitrary: fc.constant({ type: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'newcomer' as const }) },
);

/** A store that outlives crashes; a crash may lose a checkpoint that was not answered yet, never one that was. */
const createDisk = () => {
  const memory = createMemoryStore();
  let era = 0;
  return {
    /** The store as one process sees it: dead after the next crash. */
    open: (): LiveStore => {
      const mine = era;
      const alive = <T>(run: () => Promise<T>): Promise<T> => (mine === era ? run() : new Promise(() => {}));
      return {
        load: (consumer) => alive(() => memory.load(consumer)),
        save: (consumer, text) => alive(() => memory.save(consumer, text)),
        letters: (manager) => alive(() => memory.letters(manager)),
        putLetter: (letter) => alive(() => memory.putLetter(letter)),
        dropLetter: (manager, key) => alive(() => memory.dropLetter(manager, key)),
        close: async () => {},
      };
    },
    crash: () => {
      era++;
    },
    memory,
  };
};

/** Runs the troubles, then lets everything settle; what is left must be as if nothing had happened. */
const runTroubles = async (troubles: readonly Trouble[], seed: number) => {
  const disk = createDisk();
  const ran = new Map<string, number>();
  const base = createStage({ seed });
  let alive = 0;
  let names = ['one'];
  const dispatcherOf =
    (era: number): Dispatcher =>
    async ({ key, payload }) => {
      if (era !== alive) return new Promise(() => {}); // of a dead process
      ran.set(key, (ran.get(key) ?? 0) + 1);
      return payload === 'c' ? dispatchFailed('HTTP 422', false) : ok(undefined);
    };
  const projections = new Map(['one', 'two', 'three', 'four'].map((name) => [name, countByChip(name)]));
  /** Timers of a process fall silent with it. */
  const timersOf = (era: number): Timers => {
    const { after, every, mono } = base.time.timers;
    const whileAlive = (run: () => void) => () => {
      if (era === alive) run();
    };
    return { after: (ms, run) => after(ms, whileAlive(run)), every: (ms, run) => every(ms, whileAlive(run)), mono };
  };
  const begin = async () => {
    const store = disk.open();
    const stage = createStage({
      seed,
      store,
      projections: names.flatMap((name) => projections.get(name) ?? []),
      processManagers: [commandPerRead('notes')],
      dispatchers: { note: dispatcherOf(alive) },
      liveConfig: { checkpointMs: 700 },
      timers: timersOf(alive),
      on: base,
    });
    return { stage, handle: await start(stage) };
  };
  let run = await begin();
  for (const it of troubles) {
    switch (it.type) {
      case 'append':
        base.log.append(it.other ? OTHER : PAIR, it.chips);
        break;
      case 'cut':
        base.log.cut();
        break;
      case 'pass':
        await base.time.advanceAsync(it.ms);
        break;
      case 'crash':
        alive++;
        disk.crash();
        base.log.forget();
        run = await begin();
        break;
      case 'restart':
        await run.handle.shutdown();
        run = await begin();
        break;
      case 'newcomer':
        await run.handle.shutdown();
        names = [...projections.keys()].slice(0, names.length + 1);
        run = await begin();
        break;
    }
  }
  await untilCaughtUp(base, run.handle);
  await base.time.advanceAsync(1000); // what was written last is told live
  return { base, run, ran, disk, projections: names.flatMap((name) => projections.get(name) ?? []) };
};

describe('a live under random troubles', () => {
  it('[EF-08] [EF-18] holds what a pull gives: no read lost, none taken twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(trouble, { maxLength: 30 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (troubles, seed) => {
          const { run, projections } = await runTroubles(troubles, seed);
          for (const projection of projections) {
            const [live, pulled] = [
              await run.stage.live.liveProjection(projection),
              await run.stage.live.projection(projection),
            ];
            expect(live).toEqual(pulled);
          }
          await run.handle.shutdown();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[EF-19] has run the command of every read at least once, or kept it as a dead letter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(trouble, { maxLength: 30 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (troubles, seed) => {
          const { base, run, ran, disk } = await runTroubles(troubles, seed);
          const wanted = [...base.log.log].flatMap(([pair, reads]) =>
            reads.map(({ seq, chip }) => ({ key: `notes/${pair}/${seq}`, chip })),
          );
          expect(wanted.filter(({ key }) => !ran.has(key))).toEqual([]);
          const letters = await disk.memory.letters('notes');
          const lettered = new Set(letters.ok ? letters.value.map(({ command }) => command.key) : []);
          expect(lettered).toEqual(new Set(wanted.flatMap(({ key, chip }) => (chip === 'c' ? [key] : []))));
          await run.handle.shutdown();
        },
      ),
      { numRuns: 60 },
    );
  });
});
