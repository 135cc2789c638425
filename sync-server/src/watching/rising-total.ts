/**
 * A sum as a counter: whatever is taken away from what is summed (an event that is deleted) does not take back what was
 * counted. Prometheus takes a counter that falls for one that began anew, and counts everything again.
 */
export const risingTotal = (sum: () => number): (() => number) => {
  let last = 0;
  let gone = 0;
  return () => {
    const now = sum();
    if (now < last) gone += last - now;
    last = now;
    return gone + now;
  };
};
