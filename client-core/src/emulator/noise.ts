/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit changes half of the output's. */
const mix = (value: number): number => {
  let it = value | 0;
  it = Math.imul(it ^ (it >>> 16), 0x85ebca6b);
  it = Math.imul(it ^ (it >>> 13), 0xc2b2ae35);
  return (it ^ (it >>> 16)) >>> 0;
};

/**
 * A number in [0, 1) fixed by its coordinates: whatever else is drawn, and in whatever order, does not
 * change it. So the four readers of a race agree about its runners without sharing anything.
 */
export const noise = (...coordinates: readonly number[]): number =>
  coordinates.reduce((hash, it) => mix(hash ^ Math.imul(it + 0x9e3779b9, 0x27d4eb2f)), 0x165667b1) / 0x1_0000_0000;

/** About normal around 0 with deviation 1, within ±3.5: the mean of many small things, as a runner's pace is. */
export const bell = (...coordinates: readonly number[]): number => {
  let sum = 0;
  for (let draw = 0; draw < 12; draw++) sum += noise(...coordinates, draw);
  return Math.max(-3.5, Math.min(3.5, sum - 6));
};
