/** A rate: so many units a second on average, and `burst` at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Bucket {
  /** What is there; below zero what is owed. */
  readonly balance: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
}

export const fullBucket = ({ burst }: Rate, at: number): Bucket => ({ balance: burst, at });

/** Takes `cost`, whether or not it is there: who sends cannot be unsent, only made to wait. */
export const takeFrom = (bucket: Bucket, rate: Rate, cost: number, at: number): Bucket => {
  const filled = bucket.balance + ((at - bucket.at) * rate.perSecond) / 1000;
  return { balance: Math.min(rate.burst, filled) - cost, at };
};

/** Milliseconds until nothing is owed any more. */
export const debtMs = ({ balance }: Bucket, { perSecond }: Rate): number =>
  balance >= 0 ? 0 : (-balance * 1000) / perSecond;
