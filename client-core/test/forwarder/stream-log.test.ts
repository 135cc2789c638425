import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  assign,
  committed,
  createLog,
  currentEpoch,
  logOfStored,
  openEpoch,
  relocate,
  rewind,
  type StreamLog,
} from '../../src/forwarder/stream-log.ts';

const stored = (
  ...epochs: readonly (readonly [epoch: number, first: number, head: number, acked: number])[]
): StreamLog =>
  logOfStored({
    reader: 'start',
    epochs: epochs.map(([epoch, first, head, acked]) => ({ epoch, first, head, acked, confirmed: true })),
  });

const shape = (log: StreamLog) => log.epochs.map(({ epoch, first, head, acked }) => [epoch, first, head, acked]);

describe('stream log', () => {
  it('begins with epoch 1, which no relay has agreed to', () => {
    const { log, changes } = createLog('start');
    expect(currentEpoch(log)).toEqual({ epoch: 1, first: 1, head: 0, durable: 0, acked: 0, confirmed: false });
    expect(changes).toEqual([{ type: 'openEpoch', reader: 'start', epoch: 1, confirmed: false }]);
  });

  it('gives numbers 1, 2, 3 … without gaps; durable follows the disk', () => {
    const first = assign(createLog('start').log, 3);
    const second = assign(first.log, 2);
    expect([first.firstSeq, second.firstSeq, currentEpoch(second.log).head]).toEqual([1, 4, 5]);
    expect(currentEpoch(committed(second.log, 1, 3)).durable).toBe(3);
  });

  it('[P2] acks never exceed what is durable here, and never fall by an ack', () => {
    const log = committed(assign(createLog('start').log, 5).log, 1, 3);
    expect(currentEpoch(acknowledge(log, 1, 5)).acked).toBe(3);
    expect(currentEpoch(acknowledge(acknowledge(log, 1, 3), 1, 2)).acked).toBe(3);
  });

  it('[RT-14] opens only higher epochs; the same command again changes nothing', () => {
    const opened = openEpoch(stored([1, 1, 5, 5]), 3);
    expect(shape(opened.log)).toEqual([
      [1, 1, 5, 5],
      [3, 1, 0, 0],
    ]);
    expect(openEpoch(opened.log, 3)).toEqual({ log: opened.log, changes: [] });
    expect(openEpoch(opened.log, 2)).toEqual({ log: opened.log, changes: [] });
  });

  it('[RT-34] moves the rest of the current epoch to a fresh one, which takes new lines', () => {
    const { log, changes } = relocate(stored([1, 1, 10, 4]), [{ epoch: 1, fromSeq: 7 }], 3);
    expect(shape(log)).toEqual([
      [1, 1, 6, 4],
      [3, 1, 4, 0],
    ]);
    expect(currentEpoch(log).durable).toBe(0);
    expect(changes).toEqual([
      { type: 'openEpoch', reader: 'start', epoch: 3, confirmed: true },
      { type: 'move', reader: 'start', epoch: 1, fromSeq: 7, toEpoch: 3 },
    ]);
    expect(assign(log, 1)).toMatchObject({ epoch: 3, firstSeq: 5 });
  });

  it('[P9] never takes a number that this journal has used, whatever the relay proposes', () => {
    expect(shape(relocate(stored([1, 1, 2, 0], [5, 1, 3, 0]), [{ epoch: 5, fromSeq: 1 }], 2).log)).toEqual([
      [1, 1, 2, 0],
      [5, 1, 0, 0],
      [6, 1, 3, 0],
    ]);
  });

  it('after the rest of an old epoch has moved, new lines go to a still higher one', () => {
    const { log } = relocate(stored([1, 1, 10, 4], [2, 1, 3, 0]), [{ epoch: 1, fromSeq: 5 }], 3);
    expect(shape(log)).toEqual([
      [1, 1, 4, 4],
      [2, 1, 3, 0],
      [3, 1, 6, 0],
      [4, 1, 0, 0],
    ]);
  });

  it('opens a fresh epoch also when the current one has nothing to move', () => {
    expect(shape(relocate(stored([1, 1, 4, 4]), [{ epoch: 1, fromSeq: 5 }], 2).log)).toEqual([
      [1, 1, 4, 4],
      [2, 1, 0, 0],
    ]);
    const old = stored([1, 1, 4, 4], [2, 1, 0, 0]);
    expect(relocate(old, [{ epoch: 1, fromSeq: 5 }], 3)).toEqual({ log: old, changes: [] });
  });

  it('rewinds to what the relay holds, never forward', () => {
    expect(shape(rewind(stored([1, 1, 9, 8]), 1, 3).log)).toEqual([[1, 1, 9, 3]]);
    const log = stored([1, 1, 9, 8]);
    expect(rewind(log, 1, 9)).toEqual({ log, changes: [] });
  });
});
