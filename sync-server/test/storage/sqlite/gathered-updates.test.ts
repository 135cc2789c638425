import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { GATHER_MS, gatherUpdates } from '../../../src/storage/sqlite/gathered-updates.ts';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import type { NumberedCall, StoreCall } from '../../../src/storage/sqlite/worker-messages.ts';

const update: StoreCall = { type: 'appendDoc', name: 'events/spring-run/setup', updates: pack(Uint8Array.of(1)) };

const createGathering = () => {
  const time = createVirtualTime();
  const served: number[][] = [];
  const take = gatherUpdates(time.timers, (calls) => served.push(calls.map(({ id }) => id)));
  let id = 0;
  const ask = (...calls: readonly StoreCall[]): void => take(calls.map((call): NumberedCall => ({ id: ++id, call })));
  return { time, served, ask };
};

describe('updates of documents', () => {
  it('go to the disk at once after a pause, and joined in a storm', () => {
    const { time, served, ask } = createGathering();
    ask(update);
    expect(served).toEqual([[1]]);
    ask(update);
    time.advance(GATHER_MS - 1);
    ask(update, update);
    expect(served).toEqual([[1]]);
    time.advance(1);
    expect(served).toEqual([[1], [2, 3, 4]]);
    time.advance(GATHER_MS - 1);
    ask(update);
    time.advance(1);
    expect(served.at(-1)).toEqual([5]);
    time.advance(GATHER_MS);
    ask(update);
    expect(served.at(-1)).toEqual([6]);
    expect(time.pending()).toBe(0);
  });

  it('hold up nothing else, and are served before it', () => {
    const others: readonly StoreCall[] = [
      { type: 'commit', changes: [] },
      { type: 'loadDoc', name: 'events/spring-run/setup' },
      { type: 'compactDoc', name: 'events/spring-run/setup' },
      { type: 'close' },
    ];
    for (const other of others) {
      const { time, served, ask } = createGathering();
      for (let n = 0; n < 3; n++) ask(update);
      ask(other);
      expect(served).toEqual([[1], [2, 3, 4]]);
      expect(time.pending()).toBe(0);
    }
  });

  it('do not wait for one another where the last commit was of something else', () => {
    const { served, ask } = createGathering();
    ask({ type: 'commit', changes: [] });
    ask(update);
    expect(served).toEqual([[1], [2]]);
  });
});
