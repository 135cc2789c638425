import type { Sliced } from '../roster/sliced.ts';
import { parseTime } from './wall-time.ts';

export type DedupMode = 'none' | 'first' | 'last';

interface ReadOfChip {
  readonly chip: string | null;
  readonly readerTime: string | null;
}

const DAY_MS = 86_400_000;
/** Reads looked at in one step. */
const STEP = 100;

/** Where a window was opened, and which read stands for it. */
interface Window {
  readonly anchor: number;
  kept: number;
}

/**
 * The reads view without repeats. A window is anchored at a chip's first read in log order and closes
 * `windowSecs` later by reader time, that instant not included; of each window the first or the last read
 * in log order is kept.
 *
 * A read before the anchor (readers step back, by up to 20 s on real ones) stays in the window as long as
 * it is less than a window away; further back it is another passage, told late, or a clock that was set,
 * and opens a window of its own: else a clock set back by an hour would hide an hour of reads.
 *
 * Reads without a chip or a time cannot be compared and are all kept. The order stays that of the log.
 */
export function* dedupReads<T extends ReadOfChip>(
  reads: readonly T[],
  mode: DedupMode,
  windowSecs: number,
): Sliced<readonly T[]> {
  if (mode === 'none') return reads;
  const windowMs = Math.min(windowSecs * 1000, 36_500 * DAY_MS);
  const open = new Map<string, Window>();
  const isKept = new Uint8Array(reads.length);
  for (const [index, { chip, readerTime }] of reads.entries()) {
    if (index % STEP === 0) yield;
    isKept[index] = 1;
    const at = readerTime === null ? undefined : parseTime(readerTime)?.ms;
    if (chip === null || at === undefined) continue;
    const window = open.get(chip);
    if (window === undefined || Math.abs(at - window.anchor) >= windowMs) {
      open.set(chip, { anchor: at, kept: index });
    } else if (mode === 'last') {
      isKept[window.kept] = 0;
      window.kept = index;
    } else isKept[index] = 0;
  }
  const kept: T[] = [];
  for (const [index, read] of reads.entries()) {
    if (index % STEP === 0) yield;
    if (isKept[index] === 1) kept.push(read);
  }
  return kept;
}
