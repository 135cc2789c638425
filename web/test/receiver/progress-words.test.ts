import type { EpochCheck, PairProgress, PullConnection, PullStatus } from '@baton/client-core';
import { StreamId } from '@baton/schema/ids';
import { NOTHING_SELECTED } from '@baton/schema/selection';
import { describe, expect, it } from 'vitest';
import { checkWord, completenessWord, epochLines, progressText, totalOf } from '../../src/receiver/progress-words.ts';
import { clockText } from '../../src/ui/time-text.ts';

const [start, finish] = [StreamId.parse('mat-1.start'), StreamId.parse('mat-1.finish')];

const epoch = (streamId: StreamId, held: number, head: number, check: EpochCheck = 'unchecked') => ({
  streamId,
  epoch: 1,
  held,
  head,
  complete: held >= head,
  sealed: check !== 'unchecked',
  check,
});

const statusOf = (connection: PullConnection, ...streams: ReturnType<typeof epoch>[]): PullStatus => ({
  connection,
  reason: null,
  selection: NOTHING_SELECTED,
  warnings: [],
  streams,
});

const inReplica = (streamId: StreamId, held: number, repairs = 0): PairProgress => ({
  ...epoch(streamId, held, held),
  hash: null,
  heldHash: null,
  repairs,
});

it('says how complete an epoch is, and all together', () => {
  expect(progressText(epoch(start, 1234, 1234))).toBe('complete to 1,234 of 1,234');
  expect(progressText(epoch(start, 1222, 1234))).toBe('12 behind: 1,222 of 1,234');
  expect(progressText(epoch(start, 0, 0))).toBe('no reads yet');
  expect(totalOf([epoch(start, 3, 3), epoch(start, 1, 2)])).toEqual({ held: 4, head: 5, complete: false });
});

describe('the light', () => {
  it('says complete only while the relay is there to say that it has no more', () => {
    expect(completenessWord(statusOf('live', epoch(start, 3, 3)), null)?.word).toBe('Complete');
    expect(completenessWord(statusOf('catching-up', epoch(start, 3, 3)), null)).toBeNull();
    expect(completenessWord(statusOf('connecting', epoch(start, 3, 3)), null)?.word).toBe('Relay unreachable');
    const lostAt = Date.UTC(2026, 4, 17, 9, 30);
    expect(completenessWord(statusOf('offline', epoch(start, 3, 3)), lostAt)?.word).toBe(
      `Relay unreachable since ${clockText(lostAt)}`,
    );
  });

  it('says how many reads are missing, and nothing of nothing', () => {
    const word = completenessWord(statusOf('live', epoch(start, 1, 3), epoch(finish, 2, 1002)), null);
    expect(word).toEqual({ word: '1,002 behind', tone: 'info' });
    expect(completenessWord(statusOf('live'), null)).toBeNull();
  });

  it('lets a mismatch come before everything, also without a relay', () => {
    for (const connection of ['live', 'offline'] as const) {
      const status = statusOf(connection, epoch(start, 3, 3, 'mismatch'), epoch(finish, 3, 3, 'match'));
      expect(completenessWord(status, 0)).toEqual({ word: 'Mismatch', tone: 'bad' });
    }
  });
});

it('lists what wants attention first, and what an earlier selection left', () => {
  const status = statusOf('live', epoch(start, 3, 3, 'match'), epoch(finish, 2, 2, 'mismatch'));
  const other = StreamId.parse('mat-2.finish');
  const lines = epochLines([inReplica(start, 3), inReplica(finish, 2, 1), inReplica(other, 7)], status);
  expect(lines.map((it) => [it.streamId, it.isSelected, it.repairs])).toEqual([
    [finish, true, 1],
    [start, true, 0],
    [other, false, 0],
  ]);
  expect(epochLines([inReplica(start, 3)], null)).toMatchObject([{ streamId: start, isSelected: false }]);
});

it('has a word for each outcome of the comparison with the relay', () => {
  const words = (['match', 'mismatch', 'checking', 'unchecked'] as const).map((it) => checkWord(it)?.word ?? null);
  expect(words).toEqual(['Verified', 'Mismatch', 'Checking…', null]);
});
