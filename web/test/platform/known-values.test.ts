import { describe, expect, it } from 'vitest';
import type { KeyValue } from '../../src/platform/key-value.ts';
import { createKnownValues } from '../../src/platform/known-values.ts';
import { WAITING } from '../../src/platform/live.ts';

const open = (refuse = false) => {
  const kept = new Map<string, string>();
  const storage: KeyValue = {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => {
      if (!refuse) kept.set(key, value);
      return !refuse;
    },
    remove: (key) => {
      kept.delete(key);
    },
  };
  return { kept, known: createKnownValues(storage, 'p'), again: () => createKnownValues(storage, 'p') };
};

const titles = (body: unknown): readonly string[] | null => (Array.isArray(body) ? body.map(String) : null);

describe('known values', () => {
  it('come back with their age the next time the page opens', () => {
    const { known, again } = open();
    known.keep('/events', ['a', 'b'], 5000);
    expect(again().recall('/events', titles)).toEqual({ value: ['a', 'b'], confirmedAt: 5000, problem: null });
  });

  it('that are of another shape, damaged or absent are not known', () => {
    const { known, kept } = open();
    known.keep('/events', { no: 'list' }, 5000);
    expect(known.recall('/events', titles)).toEqual(WAITING);
    kept.set('p.known./events', '{"at":');
    expect(known.recall('/events', titles)).toEqual(WAITING);
    kept.set('p.known./events', '{"at":"today","body":[]}');
    expect(known.recall('/events', titles)).toEqual(WAITING);
    expect(known.recall('/nothing', titles)).toEqual(WAITING);
  });

  it('are written each ten seconds at most, whichever way the clock was set', () => {
    const { known } = open();
    const at = (): number | null => known.recall('/e', titles).confirmedAt;
    known.keep('/e', [], 100_000);
    known.keep('/e', [], 109_999);
    expect(at()).toBe(100_000);
    known.keep('/e', [], 110_000);
    expect(at()).toBe(110_000);
    known.keep('/e', [], 20_000);
    expect(at()).toBe(20_000);
  });

  it('are bounded in length and number, the oldest name forgotten first', () => {
    const { known, kept } = open();
    known.keep('/long', ['x'.repeat(200_000)], 1);
    expect(kept.size).toBe(0);
    for (let i = 0; i < 50; i++) known.keep(`/events/${i}`, [], 1);
    expect(kept.size).toBe(13);
    expect(known.recall('/events/49', titles).value).toEqual([]);
    expect(known.recall('/events/0', titles).value).toBeNull();
  });

  it('go all when somebody signs out, and only they', () => {
    const { known, kept } = open();
    kept.set('p.token', 'stays');
    known.keep('/a', [], 1);
    known.keep('/b', [], 1);
    known.forget();
    expect([...kept]).toEqual([['p.token', 'stays']]);
    known.keep('/a', [], 2);
    expect(known.recall('/a', titles).confirmedAt).toBe(2);
  });

  it('are done without where the device keeps nothing', () => {
    const { known } = open(true);
    known.keep('/a', [], 1);
    expect(known.recall('/a', titles)).toEqual(WAITING);
  });
});
