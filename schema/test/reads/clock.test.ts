import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamId } from '../../src/ids.ts';
import {
  ClockJson,
  clockAt,
  clockFromJson,
  clockToJson,
  comparePairs,
  covers,
  mergeClocks,
  minimumClock,
  type Pair,
  pairFromKey,
  pairKey,
  type VectorClock,
} from '../../src/reads/index.ts';

const someStream = fc
  .constantFrom('box-1.a', 'box-1.b', 'box-2.a', '__proto__.x', 'constructor')
  .map((id) => StreamId.parse(id));
const somePair: fc.Arbitrary<Pair> = fc.record({
  streamId: someStream,
  epoch: fc.constantFrom(1, 2, 10, 4_294_967_295),
});
const someClock: fc.Arbitrary<VectorClock> = fc
  .array(fc.tuple(somePair, fc.nat(5)), { maxLength: 8 })
  .map((entries) => new Map(entries.map(([pair, seq]) => [pairKey(pair.streamId, pair.epoch), seq])));

/** Clocks that say the same: a missing entry is 0. */
const same = (a: VectorClock, b: VectorClock): boolean => covers(a, b) && covers(b, a);

describe('[RT-10] vector clock', () => {
  it('has a partial order', () => {
    fc.assert(
      fc.property(someClock, someClock, someClock, (a, b, c) => {
        expect(covers(a, a)).toBe(true);
        expect(covers(a, new Map())).toBe(true);
        if (covers(a, b) && covers(b, c)) expect(covers(a, c)).toBe(true);
      }),
    );
  });

  it('merges to the least clock that covers both', () => {
    fc.assert(
      fc.property(someClock, someClock, someClock, (a, b, c) => {
        const merged = mergeClocks(a, b);
        expect(covers(merged, a) && covers(merged, b)).toBe(true);
        if (covers(c, a) && covers(c, b)) expect(covers(c, merged)).toBe(true);
        expect(same(merged, mergeClocks(b, a))).toBe(true);
        expect(same(mergeClocks(a, a), a)).toBe(true);
        expect(same(mergeClocks(mergeClocks(a, b), c), mergeClocks(a, mergeClocks(b, c)))).toBe(true);
      }),
    );
  });

  it('has as minimum the greatest clock that all cover, and no entry of 0', () => {
    fc.assert(
      fc.property(fc.array(someClock, { minLength: 1, maxLength: 4 }), someClock, (clocks, c) => {
        const minimum = minimumClock(clocks);
        for (const clock of clocks) expect(covers(clock, minimum)).toBe(true);
        if (clocks.every((clock) => covers(clock, c))) expect(covers(minimum, c)).toBe(true);
        for (const seq of minimum.values()) expect(seq).toBeGreaterThan(0);
      }),
    );
    expect(minimumClock([]).size).toBe(0);
  });

  it('survives JSON, whatever its streams are called', () => {
    fc.assert(
      fc.property(someClock, (clock) => {
        const text = JSON.stringify(clockToJson(clock));
        expect(same(clockFromJson(ClockJson.parse(JSON.parse(text))), clock)).toBe(true);
      }),
    );
  });

  it('touches no prototype', () => {
    const json = clockToJson(new Map([[pairKey(StreamId.parse('__proto__'), 1), 7]]));
    expect(Object.hasOwn(json, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('leaves out streams that can be none', () => {
    expect(clockFromJson({ 'a b': { 1: 5 }, 'box-1.a': { 1: 7 } })).toEqual(new Map([['box-1.a/1', 7]]));
  });

  it.each([
    { 'box-1.a': { 0: 5 } },
    { 'box-1.a': { '01': 5 } },
    { 'box-1.a': { 1: -1 } },
    { 'box-1.a': { 1: 0.5 } },
    { 'box-1.a': { 1: 2 ** 53 } },
    { 'box-1.a': 5 },
    [],
  ])('is not %j', (json) => {
    expect(ClockJson.safeParse(json).success).toBe(false);
  });

  it('is bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`box.${index}`, {}]));
    expect(ClockJson.safeParse(many).success).toBe(false);
  });

  it('reads 0 where it has no entry', () => {
    const pair = { streamId: StreamId.parse('box-1.a'), epoch: 2 };
    expect(clockAt(new Map(), pair)).toBe(0);
    expect(clockAt(new Map([[pairKey(pair.streamId, 2), 9]]), pair)).toBe(9);
  });
});

describe('(stream, epoch) pairs', () => {
  it('are told apart by their keys, which give them back', () => {
    fc.assert(
      fc.property(somePair, (pair) => {
        expect(pairFromKey(pairKey(pair.streamId, pair.epoch))).toEqual(pair);
      }),
    );
  });

  it.each([
    '',
    '/',
    'box-1.a',
    'box-1.a/',
    'box-1.a/0',
    'box-1.a/01',
    'box-1.a/-1',
    'box-1.a/1.5',
    'box-1.a/4294967296',
    'box-1.a/1/2',
    'a b/1',
    '/1',
    'box-1.a/1\n',
  ])('%j is no key', (key) => {
    expect(pairFromKey(key)).toBeNull();
  });

  it('are ordered by stream, then by epoch as a number', () => {
    fc.assert(
      fc.property(somePair, somePair, somePair, (a, b, c) => {
        expect(Math.sign(comparePairs(a, b))).toBe(-Math.sign(comparePairs(b, a)) + 0);
        if (comparePairs(a, b) <= 0 && comparePairs(b, c) <= 0) expect(comparePairs(a, c)).toBeLessThanOrEqual(0);
      }),
    );
    const streamId = StreamId.parse('box-1.a');
    expect(comparePairs({ streamId, epoch: 2 }, { streamId, epoch: 10 })).toBeLessThan(0);
  });
});
