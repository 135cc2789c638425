import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutboxLedger, type LedgerEntry } from '../../src/doc/device/outbox-ledger.ts';

const entry = (number: number, stored = false): LedgerEntry => ({
  id: `page/${number}`,
  update: Uint8Array.of(number),
  stored,
});

describe('the outbox ledger', () => {
  it('[P12] counts an edit as stored only when every earlier one is', () => {
    const ledger = createOutboxLedger();
    for (const number of [0, 1, 2]) ledger.add(entry(number));
    ledger.markStored([entry(1), entry(2)]);
    expect(ledger.storedCount()).toBe(0);
    expect(ledger.unstored(9).map(({ id }) => id)).toEqual(['page/0']);
    ledger.markStored([entry(0)]);
    expect(ledger.storedCount()).toBe(3);
  });

  it('[P28] has everything to store again after the device lost it', () => {
    const ledger = createOutboxLedger();
    for (const number of [0, 1, 2]) ledger.add(entry(number, true));
    ledger.settle(1);
    ledger.forgetStored();
    expect(ledger.unstored(9).map(({ id }) => id)).toEqual(['page/1', 'page/2']);
    expect(ledger.storedCount()).toBe(1);
  });

  it('takes an edit of another tab once', () => {
    const ledger = createOutboxLedger();
    expect([ledger.add(entry(0)), ledger.storedCount()]).toEqual([true, 0]);
    expect([ledger.add(entry(0, true)), ledger.storedCount()]).toEqual([false, 1]);
    expect(ledger.entries()).toHaveLength(1);
  });

  it('[P28] never lets go of an edit that was not settled', () => {
    const Steps = fc.array(fc.oneof(fc.constant('add' as const), fc.constant('store' as const), fc.nat(20)));
    fc.assert(
      fc.property(Steps, (steps) => {
        const ledger = createOutboxLedger();
        let [added, settled] = [0, 0];
        for (const step of steps) {
          if (step === 'add') ledger.add(entry(added++));
          else if (step === 'store') ledger.markStored(ledger.unstored(2));
          else {
            settled = Math.max(settled, Math.min(step, added));
            ledger.settle(step);
          }
          expect(ledger.entries().map(({ id }) => id)).toEqual(
            Array.from({ length: added - settled }, (_, at) => `page/${settled + at}`),
          );
        }
      }),
    );
  });
});
