import { isIPv6 } from 'node:net';

/** Wrong secrets that one address may offer: a burst, and then so many a second. */
const BURST = 1000;
const PER_SECOND = 5;
/** Addresses remembered, the oldest forgotten first. */
const MAX_ADDRESSES = 10_000;

/** How many more wrong secrets an address may offer. */
export interface FailureBudget {
  /** Whole seconds until the next try; 0: now. */
  readonly waitSeconds: (address: string) => number;
  readonly spend: (address: string) => void;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** Whoever has one IPv6 address has its whole /64; what `::` stands for is taken for zeros up to there. */
const groupOf = (address: string): string => {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::', 1);
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':');
};

/**
 * A token bucket for each address, in bounded memory.
 *
 * @param mono milliseconds of a clock that nobody sets
 */
export const createFailureBudget = (mono: () => number): FailureBudget => {
  const buckets = new Map<string, Bucket>();

  const leftOf = (group: string, now: number): number => {
    const bucket = buckets.get(group);
    return bucket === undefined ? BURST : Math.min(BURST, bucket.left + ((now - bucket.at) / 1000) * PER_SECOND);
  };

  return {
    waitSeconds: (address) => {
      const left = leftOf(groupOf(address), mono());
      return left >= 1 ? 0 : Math.ceil((1 - left) / PER_SECOND);
    },
    spend: (address) => {
      const [group, now] = [groupOf(address), mono()];
      const left = Math.max(0, leftOf(group, now) - 1);
      // put at the end: the first one is the one that failed longest ago
      buckets.delete(group);
      buckets.set(group, { left, at: now });
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
    },
  };
};
