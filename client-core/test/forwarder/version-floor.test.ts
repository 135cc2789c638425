import { type Log, silentLog } from '@baton/schema/ports';
import type { PushOutcome } from '@baton/schema/protocol';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { ASK_AGAIN_MS, watchVersionFloor } from '../../src/forwarder/version-floor.ts';

const BELOW: PushOutcome = {
  pushId: 1,
  outcome: 'refused',
  error: { code: 'VERSION_FLOOR_EXCEEDED', message: 'too old' },
};

const start = () => {
  const time = createVirtualTime();
  const asked: string[] = [];
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
  const floor = watchVersionFloor({ timers: time.timers, log, askAgain: (reason) => asked.push(reason) });
  return { time, asked, errors, floor };
};

describe('a forwarder below the version floor', () => {
  it('[RN-03] says so once, and asks again after a while', () => {
    const { time, asked, errors, floor } = start();
    floor.welcomed(true);
    expect([floor.isReadOnly(), errors.length]).toEqual([true, 1]);
    time.advance(ASK_AGAIN_MS - 1);
    expect(asked).toEqual([]);
    time.advance(1);
    expect(asked).toHaveLength(1);
  });

  it('[RN-06] learns it from the first refused push', () => {
    const { errors, floor } = start();
    floor.welcomed(false);
    floor.answered([{ pushId: 1, outcome: 'accepted', head: 1 }]);
    expect(floor.isReadOnly()).toBe(false);
    floor.answered([BELOW]);
    floor.answered([BELOW]);
    expect([floor.isReadOnly(), errors.length]).toEqual([true, 1]);
  });

  it('asks nothing once the session is over, and forgets when it is welcome', () => {
    const { time, asked, floor } = start();
    floor.welcomed(true);
    floor.left();
    time.advance(ASK_AGAIN_MS * 2);
    expect([asked, time.pending()]).toEqual([[], 0]);
    floor.welcomed(false);
    expect(floor.isReadOnly()).toBe(false);
  });
});
