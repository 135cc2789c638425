import { decodeBatch, encodeBatch } from '@baton/schema/reads';
import { type Benchmark, type Figures, median, now, rounded } from '../support/measure.ts';
import { generatedReads } from '../support/reads.ts';

const READS = 100_000;
const ROUNDS = 7;
const SIZES = [1, 50, 1000];

const timed = (run: () => void): number => {
  const started = now();
  run();
  return now() - started;
};

/** Nanoseconds a read, as the median of the rounds. */
const nanosPerRead = (reads: number, run: () => void): number =>
  (median(Array.from({ length: ROUNDS }, () => timed(run))) * 1e6) / reads;

const run = async (): Promise<Figures> => {
  const reads = generatedReads(READS, 5000, 1);
  const figures: Record<string, number> = {};
  for (const size of SIZES) {
    const slices = Array.from({ length: Math.floor(READS / size) }, (_, index) =>
      reads.slice(index * size, (index + 1) * size),
    );
    const batches = slices.map(encodeBatch);
    const bytes = batches.reduce((sum, batch) => sum + batch.length, 0);
    figures[`bytes a read, batches of ${size}`] = rounded(bytes / (slices.length * size));
    if (size === 1) continue;
    figures[`encode ns a read, batches of ${size}`] = rounded(nanosPerRead(READS, () => slices.forEach(encodeBatch)));
    figures[`decode ns a read, batches of ${size}`] = rounded(nanosPerRead(READS, () => batches.forEach(decodeBatch)));
  }
  const lines = reads.map((read) => `${JSON.stringify({ ...read, raw: Buffer.from(read.raw).toString('latin1') })}\n`);
  figures['bytes a read as JSON lines'] = rounded(lines.reduce((sum, line) => sum + line.length, 0) / READS);
  return figures;
};

export const codec: Benchmark = {
  name: 'codec',
  method: `${READS} generated reads (5,000 chips), median of ${ROUNDS} rounds, one thread`,
  run,
};
