import { describe, expect, it } from 'vitest';
import { fallBack, type Reconciled, reconcile } from '../../src/forwarder/reconcile.ts';
import { assign, createLog, currentEpoch, logOfStored, type StreamLog } from '../../src/forwarder/stream-log.ts';

const stored = (
  ...epochs: readonly (readonly [epoch: number, first: number, head: number, acked: number])[]
): StreamLog =>
  logOfStored({
    reader: 'start',
    epochs: epochs.map(([epoch, first, head, acked]) => ({ epoch, first, head, acked, confirmed: true })),
  });

const relay = (epoch: number, heads: Readonly<Record<number, number>> = {}) => ({
  epoch,
  heads: new Map(Object.entries(heads).map(([key, seq]) => [Number(key), seq])),
});

const shape = ({ log }: Reconciled) => log.epochs.map(({ epoch, first, head, acked }) => [epoch, first, head, acked]);
const types = ({ findings }: Reconciled) => findings.map(({ type }) => type);

describe('a journal that meets a relay for the first time', () => {
  const fresh = (lines: number): StreamLog => assign(createLog('start').log, lines).log;

  it('takes the relay’s current epoch when that is empty', () => {
    expect(reconcile(fresh(3), relay(1))).toMatchObject({
      changes: [{ type: 'confirmEpoch', epoch: 1 }],
      findings: [],
    });
    expect(shape(reconcile(fresh(3), relay(4, { 2: 7 })))).toEqual([
      [1, 1, 0, 0],
      [4, 1, 3, 0],
    ]);
  });

  it('[P9] a new disk in an old device begins the epoch after the relay’s', () => {
    const done = reconcile(fresh(0), relay(2, { 1: 10, 2: 5 }));
    expect(currentEpoch(done.log)).toMatchObject({ epoch: 3, head: 0, confirmed: true });
    expect(types(done)).toEqual(['new-journal']);
  });

  it('[P7] lines read before the relay was ever reached go along', () => {
    const done = reconcile(fresh(4), relay(1, { 1: 10 }));
    expect(shape(done)).toEqual([
      [1, 1, 0, 0],
      [2, 1, 4, 0],
    ]);
    expect(done.changes.at(-1)).toEqual({ type: 'move', reader: 'start', epoch: 1, fromSeq: 1, toEpoch: 2 });
  });
});

describe('a journal that meets its relay again', () => {
  it('changes nothing when both agree, also when acks got lost', () => {
    const log = stored([1, 1, 5, 5], [2, 1, 9, 4]);
    expect(reconcile(log, relay(2, { 1: 5, 2: 8 }))).toEqual({ log, changes: [], findings: [] });
  });

  it('[P9] sends again what a restored relay has lost', () => {
    const done = reconcile(stored([1, 1, 5, 5], [2, 1, 9, 8]), relay(2, { 1: 5, 2: 3 }));
    expect(shape(done)).toEqual([
      [1, 1, 5, 5],
      [2, 1, 9, 3],
    ]);
    expect(types(done)).toEqual(['relay-behind']);
  });

  it('[P9] refills a relay with a new disk from the first line, under the old numbers', () => {
    expect(shape(reconcile(stored([1, 1, 5, 5], [2, 1, 9, 8]), relay(1)))).toEqual([
      [1, 1, 5, 0],
      [2, 1, 9, 0],
    ]);
  });

  it('[P9] what is deleted here cannot be sent: the rest goes to a fresh epoch', () => {
    const done = reconcile(stored([1, 4, 9, 8]), relay(1, { 1: 2 }));
    expect(shape(done)).toEqual([
      [1, 4, 3, 2],
      [2, 1, 6, 0],
    ]);
    expect(types(done)).toEqual(['lines-lost']);
    expect(reconcile(done.log, relay(2, { 1: 2, 2: 6 })).changes).toEqual([]);
  });

  it('[P9] a current epoch that is wholly deleted here and lost there is not continued', () => {
    const done = reconcile(stored([1, 9, 8, 8]), relay(1));
    expect(currentEpoch(done.log)).toMatchObject({ epoch: 2, head: 0 });
  });

  it('[P9] several damaged epochs keep their order, and new lines come last', () => {
    const done = reconcile(stored([1, 3, 5, 5], [2, 4, 9, 9], [3, 1, 2, 0]), relay(1));
    expect(shape(done)).toEqual([
      [1, 3, 2, 0],
      [2, 4, 3, 0],
      [3, 1, 2, 0],
      [4, 1, 3, 0],
      [5, 1, 6, 0],
      [6, 1, 0, 0],
    ]);
  });

  it('a journal that is an old copy does not go on under numbers that the relay has', () => {
    const done = reconcile(stored([1, 1, 5, 5]), relay(1, { 1: 9 }));
    expect(currentEpoch(done.log)).toMatchObject({ epoch: 2, head: 0 });
    expect(types(done)).toEqual(['relay-ahead']);
  });

  it('[RT-14] follows a relay that moved on: to the empty epoch itself, else behind the foreign one', () => {
    expect(currentEpoch(reconcile(stored([1, 1, 5, 5]), relay(2, { 1: 5 })).log).epoch).toBe(2);
    expect(currentEpoch(reconcile(stored([1, 1, 5, 5]), relay(2, { 1: 5, 2: 1 })).log).epoch).toBe(3);
  });

  it('says the same thing only once', () => {
    const first = reconcile(stored([1, 4, 9, 8]), relay(1, { 1: 2 }));
    expect(reconcile(first.log, relay(1, { 1: 2 })).changes).toEqual([]);
  });
});

describe('in mid-session', () => {
  it('falls back to what the relay asks for, or to a fresh epoch when that is gone', () => {
    expect(shape(fallBack(stored([1, 1, 9, 8]), 1, 3))).toEqual([[1, 1, 9, 3]]);
    expect(shape(fallBack(stored([1, 5, 9, 8]), 1, 3))).toEqual([
      [1, 5, 4, 3],
      [2, 1, 5, 0],
    ]);
    const log = stored([1, 1, 9, 3]);
    expect(fallBack(log, 1, 5)).toEqual({ log, changes: [], findings: [] });
  });
});
