import { createVirtualTime, type SeededRandom, withSeed } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createOwnerLock, type OwnerLock } from '../../../src/replica/browser/owner-lock.ts';
import {
  beginOwnership,
  OWNERSHIP_TIMES,
  type OwnershipEffect,
  type OwnershipInput,
  type OwnershipState,
  ownershipOf,
  stepOwnership,
} from '../../../src/replica/browser/ownership-state.ts';
import { createFakeLocks } from './fake-locks.ts';

const { suspectMs, stealMs, tickMs } = OWNERSHIP_TIMES;

const run = (inputs: readonly OwnershipInput[]): { state: OwnershipState; effects: readonly OwnershipEffect[] } => {
  let { state, effects } = beginOwnership(0);
  for (const input of inputs) {
    const step = stepOwnership(state, input);
    state = step.state;
    effects = [...effects, ...step.effects];
  }
  return { state, effects };
};

const heard = (now: number, opens = false): OwnershipInput => ({
  type: 'heard',
  from: 'other',
  opens,
  sameVersion: true,
  now,
});
const ticksUntil = (from: number, to: number): readonly OwnershipInput[] =>
  Array.from({ length: Math.floor((to - from) / tickMs) }, (_, at) => ({
    type: 'tick',
    now: from + (at + 1) * tickMs,
  }));

describe('ownership of a replica', () => {
  it('opens the database only once it has the lock, and says so at once', () => {
    expect(run([]).effects).toEqual(['ask']);
    const { state, effects } = run([{ type: 'granted' }]);
    expect(effects).toEqual(['ask', 'announce', 'open']);
    expect(ownershipOf(state)).toEqual({ type: 'opening' });
    expect(ownershipOf(run([{ type: 'granted' }, { type: 'opened' }]).state)).toEqual({ type: 'owner' });
  });

  it('follows who has it, and takes over when the lock comes', () => {
    expect(ownershipOf(run([heard(100)]).state)).toEqual({ type: 'follower' });
    expect(ownershipOf(run([heard(100, true)]).state)).toEqual({ type: 'taking-over' });
    const { state, effects } = run([heard(100), { type: 'granted' }]);
    expect(effects).toEqual(['ask', 'announce', 'open']);
    expect(ownershipOf(state)).toEqual({ type: 'taking-over' });
  });

  it('asks a silent owner first, and steals only when that is not answered', () => {
    const silent = [heard(0), ...ticksUntil(0, suspectMs)];
    expect(run(silent).effects).toEqual(['ask', 'ping']);
    const answered = [...silent, heard(suspectMs + 10), ...ticksUntil(suspectMs, suspectMs + 1500)];
    expect(run(answered).effects).toEqual(['ask', 'ping']);
    const dead = [...silent, ...ticksUntil(suspectMs, suspectMs + stealMs)];
    expect(run(dead).effects).toEqual(['ask', 'ping', 'steal']);
    expect(run([...dead, { type: 'granted' }]).effects.slice(-2)).toEqual(['announce', 'open']);
  });

  it('says nothing about the owner after it has slept itself', () => {
    const woke: OwnershipInput[] = [heard(0), ...ticksUntil(0, suspectMs), { type: 'tick', now: 600_000 }];
    expect(run(woke).effects).toEqual(['ask', 'ping']);
    expect(run([...woke, ...ticksUntil(600_000, 600_000 + suspectMs - tickMs)]).effects).toEqual(['ask', 'ping']);
  });

  it('ends its worker at once when it is robbed, and waits in the queue again', () => {
    const { state, effects } = run([{ type: 'granted' }, { type: 'opened' }, { type: 'robbed', now: 5 }]);
    expect(effects.slice(-2)).toEqual(['end', 'ask']);
    expect(ownershipOf(state)).toEqual({ type: 'taking-over' });
  });

  it('gives it back before it freezes, and asks again when it runs', () => {
    const { state, effects } = run([{ type: 'granted' }, { type: 'opened' }, { type: 'frozen' }]);
    expect(effects.slice(-2)).toEqual(['end', 'release']);
    expect(stepOwnership(state, { type: 'opened' }).effects).toEqual([]);
    expect(stepOwnership(state, { type: 'resumed', now: 9 }).effects).toEqual(['ask']);
  });

  it('says why when there is none to have', () => {
    const none = run([{ type: 'granted' }, { type: 'unopenable', message: 'no wasm' }]);
    expect(none.effects.slice(-2)).toEqual(['end', 'release']);
    expect(ownershipOf(none.state)).toMatchObject({ type: 'unavailable', reason: 'unopenable', message: 'no wasm' });
    const other = run([{ ...heard(1), sameVersion: false } as OwnershipInput]);
    expect(ownershipOf(other.state)).toMatchObject({ type: 'unavailable', reason: 'other-version' });
    expect(ownershipOf(run([{ type: 'closed' }]).state)).toMatchObject({ type: 'unavailable', reason: 'closed' });
  });

  it('lets go of a lock that comes too late', () => {
    expect(run([{ type: 'frozen' }, { type: 'granted' }]).effects.slice(-1)).toEqual(['release']);
  });
});

/** A tab as the driver has it, without a database: what it would write with is `worker`. */
const createTab = (world: World, id: string) => {
  let state = beginOwnership(world.time.timers.mono()).state;
  let hangs = false;
  let worker: object | null = null;
  const apply = (input: OwnershipInput): void => {
    const step = stepOwnership(state, input);
    state = step.state;
    for (const effect of step.effects) perform(effect);
  };
  const say = (): void => world.say(id, state.phase !== 'owning');
  const perform = (effect: OwnershipEffect): void => {
    if (effect === 'ask') lock.ask();
    else if (effect === 'steal') lock.steal();
    else if (effect === 'release') lock.release();
    else if (effect === 'end') worker = null;
    else if (effect === 'announce') say();
    else if (effect === 'ping') world.ping(id);
    else {
      const own = { id };
      worker = own;
      world.time.timers.after(300, () => whenRunning(() => worker === own && apply({ type: 'opened' })));
    }
  };
  /** What happens to a page that hangs waits until it goes on. */
  const late: (() => unknown)[] = [];
  const whenRunning = (then: () => unknown): void => void (hangs ? late.push(then) : then());
  const lock: OwnerLock = createOwnerLock(world.locks, 'it', {
    onGranted: () => apply({ type: 'granted' }),
    onRobbed: () => whenRunning(() => apply({ type: 'robbed', now: world.time.timers.mono() })),
  });
  const ticking = world.time.timers.every(tickMs, () =>
    whenRunning(() => apply({ type: 'tick', now: world.time.timers.mono() })),
  );
  lock.ask();
  return {
    id,
    ownership: () => ownershipOf(state).type,
    writes: () => worker !== null && !hangs,
    isHanging: () => hangs,
    pinged: () => {
      if (!hangs && (state.phase === 'opening' || state.phase === 'owning')) say();
    },
    hear: (from: string, opens: boolean) =>
      whenRunning(() => apply({ type: 'heard', from, opens, sameVersion: true, now: world.time.timers.mono() })),
    hang: () => {
      hangs = true;
    },
    goOn: () => {
      hangs = false;
      for (const then of late.splice(0)) then();
    },
    freeze: () => apply({ type: 'frozen' }),
    resume: () => apply({ type: 'resumed', now: world.time.timers.mono() }),
    close: () => {
      ticking.clear();
      apply({ type: 'closed' });
    },
  };
};
type Tab = ReturnType<typeof createTab>;

interface World {
  readonly time: ReturnType<typeof createVirtualTime>;
  readonly locks: LockManager;
  readonly say: (from: string, opens: boolean) => void;
  readonly ping: (from: string) => void;
}

/** Tabs of one browser, in one virtual time. */
const createBrowser = () => {
  const tabs = new Map<string, Tab>();
  const time = createVirtualTime();
  const others = (from: string): readonly Tab[] => [...tabs.values()].filter((it) => it.id !== from);
  const world: World = {
    time,
    locks: createFakeLocks(),
    say: (from, opens) => {
      for (const it of others(from)) it.hear(from, opens);
    },
    ping: (from) => {
      for (const it of others(from)) it.pinged();
    },
  };
  return {
    time,
    tabs: (): readonly Tab[] => [...tabs.values()],
    open: (id: string): void => void tabs.set(id, createTab(world, id)),
    close: (tab: Tab): void => {
      tabs.delete(tab.id);
      tab.close();
    },
  };
};

const ACTS = ['open', 'close', 'hang', 'goOn', 'freeze', 'resume', 'wait', 'wait', 'wait'] as const;

const act = (browser: ReturnType<typeof createBrowser>, step: number, random: SeededRandom): void => {
  const tabs = browser.tabs();
  const some = tabs[random.int(0, Math.max(0, tabs.length - 1))];
  const what = ACTS[random.int(0, ACTS.length - 1)] ?? 'wait';
  if (some === undefined || tabs.length < 2) return browser.open(`t${step}`);
  if (what === 'wait') return;
  if (what === 'open') return tabs.length < 5 ? browser.open(`t${step}`) : undefined;
  if (what === 'close') return browser.close(some);
  some[what]();
};

describe('many tabs', () => {
  it('[P3] never write at the same time, whatever becomes of them, and one always comes to own it', async () => {
    await withSeed(async (random) => {
      const browser = createBrowser();
      for (let step = 0; step < 400; step++) {
        act(browser, step, random);
        await browser.time.advanceAsync(random.int(1, 3000));
        expect(browser.tabs().filter((it) => it.writes()).length).toBeLessThanOrEqual(1);
      }
      for (const it of browser.tabs()) {
        it.goOn();
        it.resume();
      }
      await browser.time.advanceAsync(30_000);
      const said = browser.tabs().map((it) => it.ownership());
      expect(said.filter((it) => it === 'owner')).toHaveLength(1);
      expect(said.filter((it) => it === 'follower')).toHaveLength(said.length - 1);
    });
  });
});
