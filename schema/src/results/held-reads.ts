import { chipKey } from '../doc/roster-doc.ts';
import type { StreamId } from '../ids.ts';
import { type PairKey, pairKey } from '../reads/clock.ts';
import type { FoldRead } from './fold-read.ts';
import { createHeldSet, type HeldSet } from './held-set.ts';
import { compact, type VenueClock } from './venue-clock.ts';

/** One epoch's reads, in the order in which they came. */
export interface Source {
  readonly key: PairKey;
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly reads: HeldRead[];
  readonly held: HeldSet;
  /** Milliseconds that the reader's clock was slow. */
  readonly offsetMs: number;
}

/** All reads that carry a chip, written in one way. */
export interface ChipReads {
  readonly text: string;
  readonly key: string;
  readonly reads: HeldRead[];
}

/** A read as it is kept: what many share is named once. */
export interface HeldRead {
  readonly source: Source;
  readonly seq: number;
  readonly chip: ChipReads | null;
  /** By the venue's clock, the reader's own corrected; null: the reader told no time. */
  readonly wall: number | null;
  /** The reader's time as it was written; null: none, or what `wall` was corrected from in its usual form. */
  readonly written: string | null;
  /** Receipt, ms since the instant that the venue clock's base would be in UTC. */
  readonly received: number;
  readonly kind: string;
}

export interface TimedRead extends HeldRead {
  readonly wall: number;
}

export const isTimed = (read: HeldRead): read is TimedRead => read.wall !== null;

/** Milliseconds to add to the times of an epoch; absent: none. */
export type ClockOffsets = ReadonlyMap<PairKey, number>;

export interface HeldReads {
  readonly clock: VenueClock;
  readonly offsets: ClockOffsets;
  /** Null: it is held already. */
  readonly hold: (read: FoldRead) => HeldRead | null;
  readonly sources: ReadonlyMap<PairKey, Source>;
  readonly chips: ReadonlyMap<string, ChipReads>;
  /** Every way of writing one chip. */
  readonly chipsOf: (key: string) => readonly ChipReads[];
  /** As it was given. */
  readonly readOf: (read: HeldRead) => FoldRead;
}

/** Whether two corrections of clocks are the same. */
export const sameOffsets = (a: ClockOffsets, b: ClockOffsets): boolean =>
  a === b || (a.size === b.size && [...a].every(([key, offsetMs]) => b.get(key) === offsetMs));

const NO_CHIPS: readonly ChipReads[] = [];

export const createHeldReads = (clock: VenueClock, offsets: ClockOffsets): HeldReads => {
  const sources = new Map<PairKey, Source>();
  const chips = new Map<string, ChipReads>();
  const byKey = new Map<string, ChipReads[]>();
  let latest: Source | null = null;

  const sourceOf = (streamId: StreamId, epoch: number): Source => {
    if (latest !== null && latest.streamId === streamId && latest.epoch === epoch) return latest;
    const key = pairKey(streamId, epoch);
    const offsetMs = offsets.get(key) ?? 0;
    latest = sources.get(key) ?? { key, streamId, epoch, reads: [], held: createHeldSet(), offsetMs };
    sources.set(key, latest);
    return latest;
  };

  const chipOf = (text: string): ChipReads => {
    const known = chips.get(text);
    if (known !== undefined) return known;
    const fresh = { text, key: chipKey(text), reads: [] };
    chips.set(text, fresh);
    const others = byKey.get(fresh.key);
    if (others === undefined) byKey.set(fresh.key, [fresh]);
    else others.push(fresh);
    return fresh;
  };

  const hold = (read: FoldRead): HeldRead | null => {
    const source = sourceOf(read.streamId, read.epoch);
    if (!source.held.add(read.seq)) return null;
    const { readerTime, kind, seq } = read;
    const chip = read.chip === null ? null : chipOf(read.chip);
    const usual = readerTime === null ? null : clock.wallOfUsual(readerTime);
    const written = usual === null ? readerTime : null;
    const told = written === null ? usual : clock.wallOfText(written);
    const wall = told === null ? null : told + source.offsetMs;
    const held = { source, seq, chip, wall, written, received: compact(read.receivedAt - clock.base), kind };
    source.reads.push(held);
    chip?.reads.push(held);
    return held;
  };

  const timeOf = ({ wall, written, source }: HeldRead): string | null =>
    written ?? (wall === null ? null : new Date(wall - source.offsetMs + clock.base).toISOString().slice(0, 23));

  return {
    clock,
    offsets,
    hold,
    sources,
    chips,
    chipsOf: (key) => byKey.get(key) ?? NO_CHIPS,
    readOf: (held) => ({
      streamId: held.source.streamId,
      epoch: held.source.epoch,
      seq: held.seq,
      chip: held.chip?.text ?? null,
      readerTime: timeOf(held),
      receivedAt: held.received + clock.base,
      kind: held.kind,
    }),
  };
};

/** By stream, epoch and number: a total order of reads that does not depend on any clock. */
const compareIdentity = (a: HeldRead, b: HeldRead): number => {
  if (a.source === b.source) return a.seq - b.seq;
  if (a.source.streamId !== b.source.streamId) return a.source.streamId < b.source.streamId ? -1 : 1;
  return a.source.epoch - b.source.epoch;
};

/** By wall time, then identity. */
export const compareHeld = (a: TimedRead, b: TimedRead): number => a.wall - b.wall || compareIdentity(a, b);
