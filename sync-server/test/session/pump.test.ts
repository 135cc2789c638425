import { StreamId } from '@baton/schema/ids';
import {
  type ClockJson,
  decodeBatch,
  encodeBatch,
  type Pair,
  type PairKey,
  pairKey,
  readFromLine,
} from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPump, type Pump } from '../../src/session/pump.ts';
import type { StoredBatch } from '../../src/storage/store.ts';

const pair = (name: string, epoch = 1): Pair => ({ streamId: StreamId.parse(`n.${name}`), epoch });
const keyOf = (it: Pair): PairKey => pairKey(it.streamId, it.epoch);

/** An append-only log in memory that answers asynchronously, as the real one does. */
const createLog = () => {
  const batches = new Map<PairKey, StoredBatch[]>();
  const head = (it: Pair): number => {
    const last = batches.get(keyOf(it))?.at(-1);
    return last === undefined ? 0 : last.firstSeq + last.count - 1;
  };
  const append = (it: Pair, count: number): void => {
    const firstSeq = head(it) + 1;
    const reads = Array.from({ length: count }, (_, index) =>
      readFromLine(new TextEncoder().encode(`${keyOf(it)}#${firstSeq + index}`), 1),
    );
    batches.set(keyOf(it), [...(batches.get(keyOf(it)) ?? []), { firstSeq, count, batch: encodeBatch(reads) }]);
  };
  const read = async (it: Pair, afterSeq: number, maxReads: number): Promise<readonly StoredBatch[]> => {
    await Promise.resolve();
    const found: StoredBatch[] = [];
    let reads = 0;
    for (const stored of batches.get(keyOf(it)) ?? []) {
      const last = stored.firstSeq + stored.count - 1;
      if (last <= afterSeq || reads >= maxReads) continue;
      const skip = Math.max(0, afterSeq + 1 - stored.firstSeq);
      const batch = decodeBatch(stored.batch);
      if (!batch.ok) throw new Error(batch.error.message);
      const rest = Array.from({ length: stored.count - skip }, (_, index) => batch.value.at(skip + index));
      found.push({ firstSeq: stored.firstSeq + skip, count: rest.length, batch: encodeBatch(rest) });
      reads += rest.length;
    }
    return found;
  };
  return { append, read, head };
};

interface Delivered {
  readonly pair: Pair;
  readonly seq: number;
  readonly text: string;
}

const follow = () => {
  const log = createLog();
  const delivered: Delivered[] = [];
  const caughtUp: ClockJson[] = [];
  const socket = { buffered: 0 };
  const pump: Pump = createPump({
    log,
    send: (to, stored) => {
      const batch = decodeBatch(stored.batch);
      if (!batch.ok) throw new Error(batch.error.message);
      for (let index = 0; index < batch.value.count; index++) {
        const text = new TextDecoder().decode(batch.value.rawAt(index));
        delivered.push({ pair: to, seq: stored.firstSeq + index, text });
      }
    },
    bufferedAmount: () => socket.buffered,
    onCaughtUp: (clock) => caughtUp.push(clock),
    onRetargeted: () => {},
    onError: (error) => {
      throw error;
    },
  });
  /** Lets every microtask run: the log above needs nothing else. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const append = (it: Pair, count: number): void => {
    log.append(it, count);
    pump.wake();
  };
  const seqs = (it: Pair): readonly number[] => delivered.filter((d) => keyOf(d.pair) === keyOf(it)).map((d) => d.seq);
  return { log, pump, delivered, caughtUp, socket, settle, append, seqs };
};

const upTo = (n: number, from = 1): number[] => Array.from({ length: n - from + 1 }, (_, index) => from + index);

const NAMES = ['a', 'b', 'c'];
const target = fc.record({ name: fc.constantFrom(...NAMES), epoch: fc.integer({ min: 1, max: 2 }) });
const command = fc.oneof(
  fc.record({ type: fc.constant('append' as const), target, count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ type: fc.constant('credit' as const), reads: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ type: fc.constant('retarget' as const), targets: fc.array(target, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('stall' as const), full: fc.boolean() }),
  fc.record({ type: fc.constant('settle' as const) }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

interface Model {
  granted: number;
  wanted: ReadonlySet<PairKey>;
}

const runCommand = async (it: ReturnType<typeof follow>, model: Model, step: Command): Promise<void> => {
  switch (step.type) {
    case 'append':
      return it.append(pair(step.target.name, step.target.epoch), step.count);
    case 'credit':
      model.granted += step.reads;
      return it.pump.addCredit(step.reads);
    case 'retarget': {
      const pairs = new Map(step.targets.map((t) => [keyOf(pair(t.name, t.epoch)), pair(t.name, t.epoch)]));
      model.wanted = new Set(pairs.keys());
      return it.pump.retarget([...pairs.values()], new Map(), true);
    }
    case 'stall':
      it.socket.buffered = step.full ? 9e9 : 0;
      return it.pump.wake();
    case 'settle':
      return it.settle();
  }
};

/** After each step only wanted pairs were delivered, within credit; at the end all pairs, whole and in order. */
const runCommands = async (commands: readonly Command[]): Promise<void> => {
  const it = follow();
  const model: Model = { granted: 0, wanted: new Set() };
  for (const step of commands) {
    const before = it.delivered.length;
    await runCommand(it, model, step);
    for (const one of it.delivered.slice(before)) expect(model.wanted).toContain(keyOf(one.pair));
    expect(it.delivered.length).toBeLessThan(model.granted + 30);
  }
  it.socket.buffered = 0;
  it.pump.addCredit(1_000_000);
  const all = NAMES.flatMap((name) => [pair(name, 1), pair(name, 2)]);
  it.pump.retarget(all, new Map(), true);
  await it.settle();
  for (const one of all) expect(it.seqs(one)).toEqual(upTo(it.log.head(one)));
  for (const one of it.delivered) expect(one.text).toBe(`${keyOf(one.pair)}#${one.seq}`);
};

describe('pump', () => {
  it('[RT-18] delivers a target from its start, in order, once', async () => {
    const it = follow();
    it.append(pair('a'), 3);
    it.append(pair('a'), 4);
    it.pump.addCredit(100);
    it.pump.retarget([pair('a')], new Map(), true);
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual(upTo(7));
    expect(it.caughtUp).toEqual([{ 'n.a': { 1: 7 } }]);
  });

  it('[RT-23] has no cut between history and live', async () => {
    const it = follow();
    it.append(pair('a'), 5);
    it.pump.addCredit(1000);
    it.pump.retarget([pair('a')], new Map(), true);
    for (let n = 0; n < 20; n++) {
      it.append(pair('a'), 1 + (n % 3));
      if (n % 4 === 0) await it.settle();
    }
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual(upTo(it.log.head(pair('a'))));
  });

  it('starts after what the receiver holds', async () => {
    const it = follow();
    it.append(pair('a'), 10);
    it.pump.addCredit(100);
    it.pump.retarget([pair('a')], new Map([[keyOf(pair('a')), 7]]), true);
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual([8, 9, 10]);
  });

  it('[P18] sends nothing without credit, and stops when credit is used up', async () => {
    const it = follow();
    it.append(pair('a'), 10);
    it.append(pair('a'), 10);
    it.append(pair('a'), 10);
    it.pump.retarget([pair('a')], new Map(), true);
    await it.settle();
    expect(it.delivered).toEqual([]);
    it.pump.addCredit(12);
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual(upTo(20));
    expect(it.caughtUp).toEqual([]);
    it.pump.addCredit(20);
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual(upTo(30));
    expect(it.caughtUp).toHaveLength(1);
  });

  it('[P18] waits while the socket is full and goes on when it drains', async () => {
    const it = follow();
    it.socket.buffered = 2 * 1024 * 1024;
    it.pump.addCredit(100);
    it.pump.retarget([pair('a')], new Map(), true);
    it.append(pair('a'), 5);
    await it.settle();
    expect(it.delivered).toEqual([]);
    it.socket.buffered = 0;
    it.pump.wake();
    await it.settle();
    expect(it.seqs(pair('a'))).toEqual(upTo(5));
  });

  it('[RT-30] [RT-19] a removed target stops at once and resumes where it stood', async () => {
    const it = follow();
    const [a, b] = [pair('a'), pair('b')];
    it.pump.addCredit(1000);
    it.pump.retarget([a, b], new Map(), true);
    it.append(a, 4);
    it.append(b, 4);
    await it.settle();
    it.pump.retarget([b], new Map(), false);
    it.append(a, 4);
    it.append(b, 4);
    await it.settle();
    expect(it.seqs(a)).toEqual(upTo(4));
    expect(it.seqs(b)).toEqual(upTo(8));
    it.pump.retarget([a, b], new Map(), true);
    await it.settle();
    expect(it.seqs(a)).toEqual(upTo(8));
    expect(it.seqs(b)).toEqual(upTo(8));
  });

  it('[RT-20] a long replay of one stream does not hold back another', async () => {
    const it = follow();
    const [busy, late] = [pair('a'), pair('z')];
    for (let n = 0; n < 20; n++) it.log.append(busy, 1000);
    it.log.append(late, 1);
    it.pump.addCredit(100_000);
    it.pump.retarget([busy, late], new Map(), true);
    await it.settle();
    const position = it.delivered.findIndex((d) => keyOf(d.pair) === keyOf(late));
    expect(position).toBeGreaterThanOrEqual(0);
    expect(position).toBeLessThan(10_000);
    expect(it.seqs(busy)).toEqual(upTo(20_000));
  });

  it('[P3] holds for any order of appends, credit, retargeting and stalls', async () => {
    await fc.assert(fc.asyncProperty(fc.array(command, { maxLength: 40 }), runCommands), { numRuns: 150 });
  });
});
