import { describe, expect, it } from 'vitest';
import { createFateCounter, type FateCount } from '../../src/results/fate.ts';

const count = (over: Partial<FateCount> = {}): FateCount => ({
  ...{ streamId: 'f1.finish', pointId: 'finish', fate: 'counted', reads: 1 },
  ...over,
});

describe('counts of fates', () => {
  it('are one object where they are the same, and never one where they differ', () => {
    const { shared } = createFateCounter();
    const first = shared(count());
    expect(shared(count())).toBe(first);
    const others = [{ reads: 2 }, { pointId: null }, { streamId: 'f2.finish' }, { fate: 'within-gap' }] as const;
    for (const over of others) expect(shared(count(over))).toEqual(count(over));
  });

  it('of a chip that lies at a mat are kept by nobody but its own', () => {
    const { shared } = createFateCounter();
    const many = count({ reads: 5000 });
    expect(shared(many)).toBe(many);
    expect(shared(count({ reads: 5000 }))).not.toBe(many);
  });
});
