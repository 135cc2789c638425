import type { StreamId } from '@baton/schema/ids';
import { type PairKey, pairKey } from '@baton/schema/reads';
import { type SeededRandom, withSeed } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { COMPARED, LINK_CREDIT, otherSide, SIDES, type Side } from '../../src/venue/link-state.ts';
import { createTwoRelays, MAT_A, MAT_B } from './two-relays.ts';

type World = ReturnType<typeof createTwoRelays>;

/** A forwarder with its journal: it writes to the relay it is attached to, from where that one stands. */
const createBox = (world: World, streamId: StreamId, random: SeededRandom) => {
  const journal = new Map<PairKey, string[]>();
  let epoch = 1;
  let at: Side = random.pick(SIDES);

  const send = (): void => {
    for (const [key, lines] of journal) {
      const head = world.held(at, key).length;
      if (head < lines.length) world.write(at, key, lines.slice(head, head + random.int(1, 60)));
    }
  };
  return {
    journal,
    read: (): void => {
      const key = pairKey(streamId, epoch);
      const lines = journal.get(key) ?? [];
      const count = random.int(1, 50);
      // real readers repeat lines byte for byte: these do now and then
      const line = (index: number) => (random.chance(0.3) ? 'again' : `${key} ${lines.length + index}`);
      journal.set(key, [...lines, ...Array.from({ length: count }, (_, index) => line(index))]);
      send();
    },
    send,
    move: (): void => {
      at = otherSide(at);
      send();
    },
    nextEpoch: (): void => {
      epoch++;
    },
    at: () => at,
    drain: (): void => {
      while ([...journal].some(([key, lines]) => world.held(at, key).length < lines.length)) send();
    },
  };
};

const raceDay = (random: SeededRandom) => {
  const world = createTwoRelays(random);
  const boxes = [createBox(world, MAT_A, random), createBox(world, MAT_B, random)] as const;
  const look = (): void => {
    // what is known of forwarders may be old, or nothing
    const writers = [MAT_A, MAT_B].map(
      (id, index) => [id, random.chance(0.2) ? null : (boxes[index]?.at() ?? null)] as const,
    );
    world.look(new Map(writers));
  };
  const happen = (): void => {
    const box = random.pick(boxes);
    const what = random.next();
    if (what < 0.5) box.read();
    else if (what < 0.6) look();
    else if (what < 0.7) box.move();
    else if (what < 0.75) box.nextEpoch();
    else if (what < 0.83) world.cut();
    else if (what < 0.86) world.kill();
    else if (what < 0.92) world.relays[random.pick(SIDES)].isFull = random.chance(0.5);
    else world.join();
  };
  /** Sixty things happen, then all comes to rest. */
  const pass = (): void => {
    look();
    for (let hour = 0; hour < 60; hour++) {
      happen();
      for (let steps = random.int(0, 60); steps > 0; steps--) world.step();
    }
    for (const box of boxes) box.drain();
    world.join();
    look();
    world.settle();
  };
  return { world, boxes, pass };
};

/** Two devices of one identity that begin alike and then go on writing, one at each relay, while the link joins them. */
const twoDevices = (random: SeededRandom) => {
  const key = pairKey(MAT_A, 1);
  const common = Array.from({ length: 20 }, (_, index) => `common ${index}`);
  const world = createTwoRelays(random);
  const own = { here: [...common], there: [...common] };
  const write = (side: Side, count: number): void => {
    const lines = Array.from({ length: count }, (_, index) => `${side} ${own[side].length + index}`);
    own[side].push(...lines);
    world.write(side, key, lines);
  };
  for (const side of SIDES) world.write(side, key, common);
  for (const side of SIDES) write(side, random.int(1, 120));
  world.look(new Map([[MAT_A, random.pick([null, ...SIDES])]]));
  world.join();
  for (let steps = random.int(0, 200); steps > 0; steps--) {
    world.step();
    if (random.chance(0.1)) write(random.pick(SIDES), random.int(1, 40));
  }
  world.look(new Map([[MAT_A, null]]));
  world.settle();
  return { world, own };
};

describe('reads between two relays', () => {
  it('[P3] [P4] are the same on both after any cuts, kills, full disks and moves of forwarders: no gap, no double, no difference', () =>
    withSeed(async (random) => {
      for (let day = 0; day < 40; day++) {
        const { world, boxes, pass } = raceDay(random);
        pass();
        for (const [key, lines] of boxes.flatMap(({ journal }) => [...journal])) {
          expect(world.held('here', key)).toEqual(lines);
          expect(world.held('there', key)).toEqual(lines);
        }
        expect(world.differences).toEqual([]);
        expect(world.mostQueued()).toBeLessThanOrEqual(LINK_CREDIT + 40);
      }
    }));

  it('a day without an event costs nothing: what both hold is compared once, and then nothing moves', () =>
    withSeed(async (random) => {
      const world = createTwoRelays(random);
      const key = pairKey(MAT_A, 1);
      const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
      for (const side of SIDES) world.write(side, key, lines);
      world.look(new Map([[MAT_A, 'here']]));
      world.join();
      world.settle();
      const pushes = world.state().nextPush;
      world.cut();
      world.join();
      world.settle();
      expect(pushes).toBeGreaterThan(1);
      expect(world.state().nextPush).toBe(pushes);
    }));

  it('[P4] two devices with one identity, one at each relay, are an alarm, and nothing is overwritten', () =>
    withSeed(async (random) => {
      for (const [here, there] of [
        [40, 40],
        [40, 90],
        [90, 40],
      ] as const) {
        const world = createTwoRelays(random);
        const key = pairKey(MAT_A, 1);
        const common = Array.from({ length: 20 }, (_, index) => `common ${index}`);
        const own = (side: Side, count: number) => Array.from({ length: count }, (_, index) => `${side} ${index}`);
        for (const side of SIDES) world.write(side, key, common);
        world.look(new Map([[MAT_A, null]]));
        world.join();
        world.settle();
        world.cut();
        world.write('here', key, own('here', here));
        world.write('there', key, own('there', there));
        world.join();
        world.settle();
        // of what both have grown by, the last reads are compared
        const seq = Math.max(21, 20 + Math.min(here, there) - COMPARED + 1);
        expect(world.differences).toMatchObject([{ pair: { streamId: MAT_A, epoch: 1 }, seq }]);
        world.write('here', key, ['later']);
        world.write('there', key, ['late']);
        world.look(new Map([[MAT_A, 'here']]));
        world.settle();
        expect(world.held('here', key)).toEqual([...common, ...own('here', here), 'later']);
        expect(world.held('there', key)).toEqual([...common, ...own('there', there), 'late']);
        // a link that remembers nothing finds it again
        world.kill();
        world.join();
        world.look(new Map([[MAT_A, null]]));
        world.settle();
        expect(world.differences).toHaveLength(2);
        expect(world.held('there', key)).toHaveLength(20 + there + 1);
      }
    }));

  it('[P4] [P5] nothing of one device gets behind the reads of the other, however they write while the link compares', () =>
    withSeed(async (random) => {
      for (let round = 0; round < 60; round++) {
        const { world, own } = twoDevices(random);
        expect(world.differences).toHaveLength(1);
        for (const side of SIDES) expect(world.held(side, pairKey(MAT_A, 1))).toEqual(own[side]);
      }
    }));
});
