import { StreamId } from '@baton/schema/ids';
import type { FoldRead } from '@baton/schema/results';
import { expect, it } from 'vitest';
import { noteReads } from '../../src/spectators/announcer.ts';

const PAIR = { streamId: StreamId.parse('mat.start'), epoch: 1 };

it('[P16] a stored batch of the log is noted some reads at a time', () => {
  const reads = Array.from({ length: 4096 }, (_, at) => ({
    seq: at + 1,
    chip: (at % 4000).toString(16).padStart(12, '0'),
    readerTime: null,
    receivedAt: at,
    kind: 'RAW' as const,
  }));
  const first = new Map<string, FoldRead>();
  const work = noteReads(first, PAIR, reads);
  let before = 0;
  let pieces = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) {
    expect(first.size - before).toBeLessThanOrEqual(50);
    before = first.size;
    pieces++;
  }
  expect(pieces).toBeGreaterThan(4000 / 100);
  expect(step.value).toBe(4000);
  expect(first.size).toBe(4000);
});
