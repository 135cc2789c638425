import { parseTime } from './wall-time.ts';

export type DedupMode = 'none' | 'first' | 'last';

interface ReadOfChip {
  readonly chip: string | null;
  readonly readerTime: string | null;
}

const DAY_MS = 86_400_000;

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
export const dedupReads = <T extends ReadOfChip>(
  reads: readonly T[],
  mode: DedupMode,
  windowSecs: number,
): readonly T[] => {
  if (mode === 'none') return reads;
  const windowMs = Math.min(windowSecs * 1000, 36_500 * DAY_MS);
  const open = new Map<string, Window>();
  const kept = new Set<number>();
  for (const [index, { chip, readerTime }] of reads.entries()) {
    const at = readerTime === null ? undefined : parseTime(readerTime)?.ms;
    if (chip === null || at === undefined) {
      kept.add(index);
      continue;
    }
    const window = open.get(chip);
    if (window === undefined || Math.abs(at - window.anchor) >= windowMs) {
      open.set(chip, { anchor: at, kept: index });
      kept.add(index);
    } else if (mode === 'last') {
      kept.delete(window.kept);
      kept.add(index);
      window.kept = index;
    }
  }
  return reads.filter((_, index) => kept.has(index));
};
