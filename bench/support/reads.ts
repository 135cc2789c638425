import { encodeBatch, type Read, readFromLine, renderIpicoLine } from '@baton/schema/reads';

const START = Date.UTC(2026, 3, 12, 9, 0, 0);

/** A repeatable sequence in [0, 1): the same reads in every run. */
const sequence = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
};

/**
 * Reads as a mat sees them: `chips` runners, about four reads a crossing some hundredths apart, now and then a step
 * back in time; received a little later, several in one packet.
 */
export const generatedReads = (count: number, chips: number, seed: number): readonly Read[] => {
  const next = sequence(seed);
  const encoder = new TextEncoder();
  const reads: Read[] = [];
  let wall = START / 10;
  let receivedAt = START + 500;
  while (reads.length < count) {
    const tag = `0580${(1 + Math.floor(next() * chips)).toString(16).padStart(8, '0')}`;
    wall += Math.floor(next() * 40);
    for (let repeat = 1 + Math.floor(next() * 6); repeat > 0 && reads.length < count; repeat--) {
      wall += Math.floor(next() * 12) - 2;
      if (next() < 0.3) receivedAt += 20;
      const fields = {
        readerId: 0,
        tag,
        iCount: 0,
        qCount: 1,
        wallHundredths: wall,
        extra: null,
        kind: 'RAW',
      } as const;
      reads.push(readFromLine(encoder.encode(renderIpicoLine(fields)), receivedAt));
    }
  }
  return reads;
};

/** The reads as batches of `size`. */
export const batchesOf = (reads: readonly Read[], size: number): readonly Uint8Array[] => {
  const batches: Uint8Array[] = [];
  for (let at = 0; at + size <= reads.length; at += size) batches.push(encodeBatch(reads.slice(at, at + size)));
  return batches;
};
