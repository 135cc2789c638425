import type { PushOutcome } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import {
  isStillReady,
  nextPush,
  type Push,
  pushAnswered,
  pushSent,
  retryDue,
  type SessionState,
  startSending,
  stopSending,
} from '../../src/forwarder/session-state.ts';
import { acknowledge, logOfStored, type StreamLog } from '../../src/forwarder/stream-log.ts';

const stored = (
  reader: string,
  ...epochs: readonly (readonly [epoch: number, head: number, acked: number])[]
): StreamLog =>
  logOfStored({
    reader,
    epochs: epochs.map(([epoch, head, acked]) => ({ epoch, first: 1, head, acked, confirmed: true })),
  });

const sending = (window = 4, batchReads = 10): SessionState => startSending({ type: 'idle' }, { window, batchReads });

const range = (push: Push | null) => push && [push.reader, push.epoch, push.firstSeq, push.count];

/** Sends all that may be sent. */
const sendAll = (state: SessionState, logs: readonly StreamLog[]) => {
  const pushes: Push[] = [];
  let next = state;
  for (let push = nextPush(next, logs); push !== null; push = nextPush(next, logs)) {
    pushes.push(push);
    next = pushSent(next, push);
  }
  return { state: next, pushes };
};

const answer = (state: SessionState, outcome: PushOutcome) => pushAnswered(state, outcome);
const storageFull = { code: 'STORAGE_FULL', message: 'no space', retryable: true } as const;

describe('what to send', () => {
  it('nothing without a session', () => {
    expect(nextPush({ type: 'idle' }, [stored('a', [1, 5, 0])])).toBeNull();
    expect(nextPush({ type: 'fenced' }, [stored('a', [1, 5, 0])])).toBeNull();
  });

  it('from the ack on, in batches, until the window is full', () => {
    const { pushes } = sendAll(sending(), [stored('a', [1, 100, 7])]);
    expect(pushes.map(range)).toEqual([
      ['a', 1, 8, 10],
      ['a', 1, 18, 10],
      ['a', 1, 28, 10],
      ['a', 1, 38, 10],
    ]);
    expect(pushes.map(({ pushId }) => pushId)).toEqual([1, 2, 3, 4]);
  });

  it('the oldest epoch first, readers in turn', () => {
    const { pushes } = sendAll(sending(6), [stored('a', [1, 12, 0], [2, 3, 0]), stored('b', [1, 15, 0])]);
    expect(pushes.map(range)).toEqual([
      ['b', 1, 1, 10],
      ['a', 1, 1, 10],
      ['b', 1, 11, 5],
      ['a', 1, 11, 2],
      ['a', 2, 1, 3],
    ]);
  });

  it('only what is durable, held and agreed with the relay', () => {
    const [log] = [stored('a', [1, 9, 3])];
    const epoch = log?.epochs[0];
    const like = (change: object): StreamLog => ({ reader: 'a', epochs: [{ ...epoch!, ...change }] });
    expect(range(nextPush(sending(), [like({ durable: 5 })]))).toEqual(['a', 1, 4, 2]);
    expect(nextPush(sending(), [like({ confirmed: false })])).toBeNull();
    expect(nextPush(sending(), [like({ first: 5 })])).toBeNull();
  });

  it('a planned push is void when the plan changed meanwhile', () => {
    const log = stored('a', [1, 9, 0]);
    const push = nextPush(sending(), [log])!;
    expect(isStillReady(sending(), log, push)).toBe(true);
    expect(isStillReady(pushSent(sending(), push), log, push)).toBe(false);
    expect(isStillReady(sending(), acknowledge(log, 1, 9), push)).toBe(false);
    expect(isStillReady({ type: 'idle' }, log, push)).toBe(false);
  });
});

describe('what the relay’s answers mean', () => {
  const logs = [stored('a', [1, 40, 0])];

  it.each(['accepted', 'duplicate'] as const)('%s acks the push', (outcome) => {
    const { state } = sendAll(sending(), logs);
    const step = answer(state, { pushId: 1, outcome, head: 40 });
    expect(step.effects).toEqual([{ type: 'acked', reader: 'a', epoch: 1, seq: 10 }]);
  });

  it('a gap sends the lane back once, however many pushes were behind it', () => {
    const { state } = sendAll(sending(), logs);
    const first = answer(state, { pushId: 1, outcome: 'gap', head: 0, expected: 1 });
    expect(first.effects).toEqual([{ type: 'behind', reader: 'a', epoch: 1, relayHead: 0 }]);
    const second = answer(first.state, { pushId: 2, outcome: 'gap', head: 0, expected: 1 });
    expect(second.effects).toEqual([]);
    expect(range(nextPush(second.state, logs))).toEqual(['a', 1, 1, 10]);
  });

  it('[RT-34] a conflict asks for a fresh epoch, once', () => {
    const { state } = sendAll(sending(), logs);
    const conflict = { outcome: 'conflict', head: 40, seq: 5, nextEpoch: 3 } as const;
    const first = answer(state, { pushId: 1, ...conflict });
    expect(first.effects).toEqual([{ type: 'conflict', reader: 'a', epoch: 1, seq: 5, freshEpoch: 3 }]);
    expect(answer(first.state, { pushId: 2, ...conflict, seq: 11 }).effects).toEqual([]);
  });

  it('[P8] fenced ends sending for good, also in later sessions', () => {
    const { state } = sendAll(sending(), logs);
    const step = answer(state, { pushId: 1, outcome: 'fenced' });
    expect(step.effects).toEqual([{ type: 'fenced' }]);
    expect(startSending(stopSending(step.state), { window: 4, batchReads: 10 })).toEqual({ type: 'fenced' });
  });

  it('[P22] a retryable refusal holds the reader back, then all is sent again; acks forget it', () => {
    const { state } = sendAll(sending(20), logs);
    const first = answer(state, { pushId: 1, outcome: 'refused', error: storageFull });
    expect(first.effects).toEqual([{ type: 'retryLater', reader: 'a', attempt: 0, reason: 'STORAGE_FULL: no space' }]);
    const drained = [2, 3, 4].reduce((it, pushId) => {
      const step = answer(it, { pushId, outcome: 'refused', error: storageFull });
      expect(step.effects).toEqual([]);
      return step.state;
    }, first.state);
    expect(nextPush(drained, logs)).toBeNull();
    const trying = sendAll(retryDue(drained, 'a'), logs);
    expect(range(trying.pushes[0] ?? null)).toEqual(['a', 1, 1, 10]);
    const again = answer(trying.state, { pushId: 5, outcome: 'refused', error: storageFull });
    expect(again.effects).toMatchObject([{ type: 'retryLater', attempt: 1 }]);
    const taken = sendAll(retryDue(again.state, 'a'), logs);
    const settled = answer(taken.state, { pushId: taken.pushes[0]!.pushId, outcome: 'accepted', head: 10 });
    const later = answer(settled.state, { pushId: taken.pushes[1]!.pushId, outcome: 'refused', error: storageFull });
    expect(later.effects).toMatchObject([{ type: 'retryLater', attempt: 0 }]);
  });

  it('a final refusal stops that reader only, until the next session', () => {
    const both = [...logs, stored('b', [1, 5, 0])];
    const { state, pushes } = sendAll(sending(2), both);
    const refused = pushes.find(({ reader }) => reader === 'a')!;
    const error = { code: 'VERSION_FLOOR_EXCEEDED', message: 'too old', retryable: false } as const;
    const step = answer(state, { pushId: refused.pushId, outcome: 'refused', error });
    expect(step.effects).toEqual([
      { type: 'refused', reader: 'a', code: 'VERSION_FLOOR_EXCEEDED', message: 'too old' },
    ]);
    expect(nextPush(step.state, logs)).toBeNull();
    expect(nextPush(startSending(stopSending(step.state), { window: 2, batchReads: 10 }), logs)).not.toBeNull();
  });

  it('answers nobody asked for mean nothing', () => {
    const state = sending();
    expect(answer(state, { pushId: 99, outcome: 'accepted', head: 9 })).toEqual({ state, effects: [] });
    expect(answer({ type: 'idle' }, { pushId: 1, outcome: 'fenced' })).toEqual({
      state: { type: 'idle' },
      effects: [],
    });
  });
});
