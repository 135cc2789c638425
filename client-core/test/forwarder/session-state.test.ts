import type { PushOutcome } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import {
  isStillReady,
  laneKey,
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

/** A session whose lanes have already had a push accepted that went up to the relay's head. */
const proven = (logs: readonly StreamLog[], window = 4, batchReads = 10): SessionState => {
  const state = sending(window, batchReads);
  if (state.type !== 'sending') throw new Error('expected a session that sends');
  const lanes = logs.flatMap(({ reader, epochs }) =>
    epochs.map((it) => [laneKey(reader, it.epoch), { sent: it.acked, generation: 0, proven: true }] as const),
  );
  return { ...state, lanes: new Map(lanes) };
};

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
    const logs = [stored('a', [1, 100, 7])];
    const { pushes } = sendAll(proven(logs), logs);
    expect(pushes.map(range)).toEqual([
      ['a', 1, 8, 10],
      ['a', 1, 18, 10],
      ['a', 1, 28, 10],
      ['a', 1, 38, 10],
    ]);
    expect(pushes.map(({ pushId }) => pushId)).toEqual([1, 2, 3, 4]);
  });

  it('the oldest epoch first, readers in turn', () => {
    const logs = [stored('a', [1, 12, 0], [2, 3, 0]), stored('b', [1, 15, 0])];
    const { pushes } = sendAll(proven(logs, 6), logs);
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

  it('[RT-34] one push alone until the relay’s head is known to be ours', () => {
    const logs = [stored('a', [1, 100, 0])];
    const first = sendAll(sending(), logs);
    expect(first.pushes.map(range)).toEqual([['a', 1, 1, 10]]);
    const more = pushAnswered(first.state, { pushId: 1, outcome: 'duplicate', head: 15 });
    const second = sendAll(more.state, [acknowledge(logs[0]!, 1, 10)]);
    expect(second.pushes.map(range)).toEqual([['a', 1, 11, 10]]);
    const own = pushAnswered(second.state, { pushId: 2, outcome: 'accepted', head: 20 });
    expect(sendAll(own.state, [acknowledge(logs[0]!, 1, 20)]).pushes).toHaveLength(4);
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
    const { state } = sendAll(proven(logs), logs);
    const step = answer(state, { pushId: 1, outcome, head: 40 });
    expect(step.effects).toEqual([{ type: 'acked', reader: 'a', epoch: 1, seq: 10 }]);
  });

  it('a gap sends the lane back once, when all pushes behind it have been answered', () => {
    const { state } = sendAll(proven(logs), logs);
    const gap = { outcome: 'gap', head: 0, expected: 1 } as const;
    const first = answer(state, { pushId: 1, ...gap });
    expect(first.effects).toEqual([{ type: 'behind', reader: 'a', epoch: 1, relayHead: 0 }]);
    const rest = [2, 3, 4].reduce((it, pushId) => {
      expect(nextPush(it, logs)).toBeNull();
      const step = answer(it, { pushId, ...gap });
      expect(step.effects).toEqual([]);
      return step.state;
    }, first.state);
    expect(range(nextPush(rest, logs))).toEqual(['a', 1, 1, 10]);
  });

  it('[RT-34] a conflict asks for a fresh epoch, once', () => {
    const { state } = sendAll(proven(logs), logs);
    const conflict = { outcome: 'conflict', head: 40, seq: 5, nextEpoch: 3 } as const;
    const first = answer(state, { pushId: 1, ...conflict });
    expect(first.effects).toEqual([{ type: 'conflict', reader: 'a', epoch: 1, seq: 5, freshEpoch: 3 }]);
    expect(answer(first.state, { pushId: 2, ...conflict, seq: 11 }).effects).toEqual([]);
  });

  it('[P8] fenced ends sending for good, also in later sessions', () => {
    const { state } = sendAll(proven(logs), logs);
    const step = answer(state, { pushId: 1, outcome: 'fenced' });
    expect(step.effects).toEqual([{ type: 'fenced' }]);
    expect(startSending(stopSending(step.state), { window: 4, batchReads: 10 })).toEqual({ type: 'fenced' });
  });

  it('[P22] a retryable refusal holds the reader back, then all is sent again; acks forget it', () => {
    const { state } = sendAll(proven(logs, 20), logs);
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
    expect(trying.pushes).toHaveLength(1);
    const again = answer(trying.state, { pushId: 5, outcome: 'refused', error: storageFull });
    expect(again.effects).toMatchObject([{ type: 'retryLater', attempt: 1 }]);
    const taken = sendAll(retryDue(again.state, 'a'), logs);
    const settled = answer(taken.state, { pushId: 6, outcome: 'accepted', head: 10 });
    const onwards = sendAll(settled.state, [acknowledge(logs[0]!, 1, 10)]);
    const later = answer(onwards.state, { pushId: 7, outcome: 'refused', error: storageFull });
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
