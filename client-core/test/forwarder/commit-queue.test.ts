import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CommitQueue, createCommitQueue } from '../../src/forwarder/commit-queue.ts';
import type { CommitReply, Journal, JournalChange } from '../../src/forwarder/journal.ts';

const append = (count: number): JournalChange => ({
  type: 'append',
  reader: 'start',
  epoch: 1,
  firstSeq: 1,
  lines: Array.from({ length: count }, () => ({ raw: new Uint8Array([97]), receivedAt: 0 })),
});
const mark = (epoch: number): JournalChange => ({ type: 'confirmEpoch', reader: 'start', epoch });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('commit queue', () => {
  let commits: (readonly JournalChange[])[];
  let answer: ((reply: CommitReply) => void) | null;
  let pressures: string[];
  let failures: string[];
  let queue: CommitQueue;
  let time: ReturnType<typeof createVirtualTime>;

  beforeEach(() => {
    commits = [];
    answer = null;
    pressures = [];
    failures = [];
    time = createVirtualTime();
    const journal: Journal = {
      opened: { identity: null, streams: [] },
      commit: (changes) => {
        commits.push(changes);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      read: async () => [],
      prune: async () => ({ first: 1, full: false }),
      close: async () => {},
    };
    queue = createCommitQueue(
      { journal, timers: time.timers, log: silentLog },
      {
        onPressure: ({ type }) => pressures.push(type),
        onFailed: (message) => failures.push(message),
        maxWaitingLines: 100,
      },
    );
  });

  const reply = async (it: CommitReply = { type: 'committed' }): Promise<void> => {
    answer?.(it);
    await turn();
  };

  it('puts what waited into one commit, in order, and tells of it in order', async () => {
    const durable: number[] = [];
    for (const epoch of [1, 2, 3, 4]) queue.add([mark(epoch)], () => durable.push(epoch));
    expect(commits).toEqual([[mark(1)]]);
    expect(durable).toEqual([]);
    await reply();
    expect(durable).toEqual([1]);
    expect(commits[1]).toEqual([mark(2), mark(3), mark(4)]);
    await reply();
    expect(durable).toEqual([1, 2, 3, 4]);
  });

  it('[P18] holds the readers back when too much waits, until most of it has gone', async () => {
    queue.add([append(60)]);
    queue.add([append(60)]);
    expect(pressures).toEqual(['behind']);
    await reply();
    expect(pressures).toEqual(['behind']);
    await reply();
    expect(pressures).toEqual(['behind', 'flowing']);
  });

  it('[P22] tries a full disk again with the same changes, once a second', async () => {
    queue.add([append(1)]);
    await reply({ type: 'storage-full', message: 'full' });
    expect(pressures).toEqual(['full']);
    expect(commits).toHaveLength(1);
    time.advance(1000);
    await turn();
    expect(commits[1]).toEqual(commits[0]);
    await reply();
    expect(pressures).toEqual(['full', 'flowing']);
    expect(failures).toEqual([]);
  });

  it('[P23] after a failed disk nothing more is written', async () => {
    queue.add([append(1)]);
    queue.add([append(1)]);
    await reply({ type: 'failed', message: 'I/O error' });
    queue.add([append(1)]);
    time.advance(10_000);
    await turn();
    expect(failures).toEqual(['I/O error']);
    expect(commits).toHaveLength(1);
  });

  it('runs a task alone, between what was added before and after it', async () => {
    const order: string[] = [];
    queue.add([mark(1)], () => order.push('first'));
    queue.between(async () => {
      order.push('task');
    });
    queue.add([mark(2)], () => order.push('second'));
    await reply();
    await reply();
    expect(order).toEqual(['first', 'task', 'second']);
    expect(commits).toEqual([[mark(1)], [mark(2)]]);
  });

  it('closes when everything is on disk, or says what is not', async () => {
    queue.add([append(3)]);
    const closed = queue.close(5000);
    await reply();
    expect(await closed).toBe(0);
    queue.add([append(3)]);
    expect(commits).toHaveLength(1);
    expect(time.pending()).toBe(0);
  });

  it('does not wait for ever for a full disk at the end', async () => {
    queue.add([append(3)]);
    const closed = queue.close(5000);
    await reply({ type: 'storage-full', message: 'full' });
    time.advance(1000);
    await turn();
    time.advance(4000);
    expect(await closed).toBe(3);
  });
});
