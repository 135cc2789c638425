import { describe, expect, it } from 'vitest';
import { createFailureBudget } from '../../src/auth/failure-budget.ts';

const open = () => {
  let now = 0;
  const budget = createFailureBudget(() => now);
  const failUntilTold = (address: string): number => {
    let failures = 0;
    while (budget.waitSeconds(address) === 0) {
      budget.spend(address);
      failures++;
    }
    return failures;
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { ...budget, failUntilTold, pass };
};

describe('the budget of wrong tokens', () => {
  it('is a burst, then a rate', () => {
    const { failUntilTold, waitSeconds, pass } = open();
    expect(failUntilTold('10.0.0.1')).toBe(1000);
    expect(waitSeconds('10.0.0.1')).toBe(1);
    pass(1000);
    expect(failUntilTold('10.0.0.1')).toBe(5);
    pass(24 * 3_600_000);
    expect(failUntilTold('10.0.0.1')).toBe(1000);
  });

  it('is each address’s own, and a whole /64 is one', () => {
    const { failUntilTold, waitSeconds } = open();
    failUntilTold('2001:db8:1:2:aaaa::1');
    for (const same of ['2001:db8:1:2:bbbb:0:0:9', '2001:db8:1:2::7']) expect(waitSeconds(same)).toBeGreaterThan(0);
    for (const other of ['2001:db8:1:3::1', '10.0.0.1', '::ffff:10.0.0.1', '::1']) expect(waitSeconds(other)).toBe(0);
  });

  it('[P18] is bounded: of very many addresses the one that failed longest ago is forgotten', () => {
    const { failUntilTold, spend, waitSeconds } = open();
    failUntilTold('first');
    for (let i = 0; i < 9_999; i++) spend(`other ${i}`);
    expect(waitSeconds('first')).toBe(1);
    spend('one more');
    expect(waitSeconds('first')).toBe(0);
  });
});
