import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createOwnerCalls } from '../../../src/replica/browser/owner-calls.ts';
import { createTabReplica } from '../../../src/replica/browser/tab-replica.ts';
import { createListeners } from '../../../src/replica/listeners.ts';

const stage = () => {
  const time = createVirtualTime();
  const posted: number[] = [];
  const calls = createOwnerCalls(time.timers, (id) => posted.push(id), 60_000);
  const replica = createTabReplica({
    place: async () => ({ type: 'owner', call: calls.call }),
    era: () => 1,
    commits: createListeners(silentLog),
    changes: createListeners(silentLog),
    isClosed: () => false,
    close: async () => {},
  });
  return { time, posted, calls, replica };
};

describe('a question of a tab that follows', () => {
  it('is not asked twice of an owner that is slow', async () => {
    const { time, posted, replica } = stage();
    const asked = replica.query('SELECT slow');
    await time.advanceAsync(60_000);
    expect(await asked).toMatchObject({ ok: false, error: { type: 'lost' } });
    expect(posted).toEqual([1]);
  });

  it('is asked again of the next owner, once', async () => {
    const { time, posted, calls, replica } = stage();
    const asked = replica.query('SELECT 1');
    await time.advanceAsync(0);
    calls.dropAll('it is handed over');
    await time.advanceAsync(0);
    expect(posted).toEqual([1, 2]);
    calls.answered(2, { ok: true, value: [] });
    expect(await asked).toEqual({ ok: true, value: [] });
    const dropped = replica.query('SELECT 1');
    for (const _ of [1, 2]) {
      await time.advanceAsync(0);
      calls.dropAll('it is handed over');
    }
    expect(await dropped).toMatchObject({ ok: false, error: { message: 'it is handed over' } });
    expect(posted).toEqual([1, 2, 3, 4]);
  });
});
