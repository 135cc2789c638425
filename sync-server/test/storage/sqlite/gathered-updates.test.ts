import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { GATHER_MS, gatherUpdates } from '../../../src/storage/sqlite/gathered-updates.ts';

type Asked = 'update' | 'other';

const createGathering = () => {
  const time = createVirtualTime();
  const posted: string[] = [];
  let waiting: Asked[] = [];
  const atEnd: (() => void)[] = [];
  const gathering = gatherUpdates(
    time.timers,
    (run) => atEnd.push(run),
    () => {
      posted.push(waiting.join(' '));
      waiting = [];
    },
  );
  /** A turn of the event loop in which this is asked. */
  const turn = (...asked: readonly Asked[]): void => {
    for (const it of asked) {
      waiting.push(it);
      gathering.added(it === 'update');
    }
    for (const run of atEnd.splice(0)) run();
  };
  return { time, posted, turn };
};

describe('updates of documents', () => {
  it('go to the store’s thread at the end of their turn after a pause, and joined in a storm', () => {
    const { time, posted, turn } = createGathering();
    turn('update', 'update');
    expect(posted).toEqual(['update update']);
    turn('update');
    time.advance(GATHER_MS - 1);
    turn('update', 'update');
    expect(posted.length).toBe(1);
    time.advance(1);
    expect(posted.slice(1)).toEqual(['update update update']);
    time.advance(GATHER_MS - 1);
    turn('update');
    expect(posted.length).toBe(2);
    time.advance(1);
    expect(posted.slice(2)).toEqual(['update']);
    time.advance(GATHER_MS);
    turn('update');
    expect(posted.slice(3)).toEqual(['update']);
    expect(time.pending()).toBe(0);
  });

  it('hold up nothing else, and go with it', () => {
    const { time, posted, turn } = createGathering();
    turn('update');
    turn('update');
    turn('update');
    turn('other', 'update', 'other');
    expect(posted).toEqual(['update', 'update update other update other']);
    expect(time.pending()).toBe(0);
    turn('other');
    expect(posted.slice(2)).toEqual(['other']);
    turn('update');
    time.advance(GATHER_MS);
    expect(posted.slice(3)).toEqual(['update']);
  });

  it('do not wait after something else', () => {
    const { time, posted, turn } = createGathering();
    turn('other');
    turn('update');
    expect(posted).toEqual(['other', 'update']);
    time.advance(GATHER_MS);
    turn('other');
    turn('update');
    expect(posted.slice(2)).toEqual(['other', 'update']);
  });
});
