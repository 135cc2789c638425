import { createMemoryReplica } from '@baton/client-core';
import { StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { encodeBatch, readFromLine } from '@baton/schema/reads';
import { createVirtualTime } from '@baton/testkit';
import { expect, it } from 'vitest';
import { progressText, totalOf } from '../../src/receiver/progress-words.ts';
import { createTailStore, TAIL_ROWS } from '../../src/receiver/tail-store.ts';

const [start, finish] = [StreamId.parse('mat-1.start'), StreamId.parse('mat-1.finish')];

const frame = (streamId: StreamId, firstSeq: number, count: number) => ({
  streamId,
  epoch: 1,
  firstSeq,
  batch: encodeBatch(
    Array.from({ length: count }, (_, at) => readFromLine(new TextEncoder().encode(`line ${firstSeq + at}`), at)),
  ),
});

it('shows the newest reads of all streams first, and counts what came', async () => {
  const time = createVirtualTime();
  const replica = createMemoryReplica({ log: silentLog });
  const tail = createTailStore({ replica, timers: time.timers });
  await replica.applyReads([frame(start, 1, 3)]);
  await replica.applyReads([frame(finish, 1, 2)]);
  await time.advanceAsync(1000);
  expect(tail.stored.value).toBe(5);
  expect(tail.reads.value.map((it) => [it.streamId, it.seq])).toEqual([
    [finish, 2],
    [finish, 1],
    [start, 3],
    [start, 2],
    [start, 1],
  ]);
  await replica.applyReads([frame(start, 4, 1)]);
  await time.advanceAsync(1000);
  expect(tail.reads.value[0]).toMatchObject({ streamId: start, seq: 4 });
});

it('keeps a bounded number of rows, however long the history', async () => {
  const time = createVirtualTime();
  const replica = createMemoryReplica({ log: silentLog });
  const tail = createTailStore({ replica, timers: time.timers });
  for (let at = 0; at < 5; at++) await replica.applyReads([frame(start, at * 1000 + 1, 1000)]);
  await time.advanceAsync(1000);
  expect(tail.stored.value).toBe(5000);
  expect(tail.reads.value).toHaveLength(TAIL_ROWS);
  expect(tail.reads.value[0]?.seq).toBe(5000);
});

it('stops with its page', async () => {
  const time = createVirtualTime();
  const replica = createMemoryReplica({ log: silentLog });
  const tail = createTailStore({ replica, timers: time.timers });
  tail.stop();
  await replica.applyReads([frame(start, 1, 3)]);
  await time.advanceAsync(1000);
  expect(tail.reads.value).toEqual([]);
});

it('says how complete an epoch is, and all together', () => {
  const progress = (held: number, head: number) => ({
    streamId: start,
    epoch: 1,
    held,
    head,
    complete: held >= head,
    sealed: false,
    check: 'unchecked' as const,
  });
  expect(progressText(progress(1234, 1234))).toBe('complete to 1,234 of 1,234');
  expect(progressText(progress(1222, 1234))).toBe('12 behind: 1,222 of 1,234');
  expect(progressText(progress(0, 0))).toBe('no reads yet');
  expect(totalOf([progress(3, 3), progress(1, 2)])).toEqual({ held: 4, head: 5, complete: false });
});
