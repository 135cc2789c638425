import { z } from 'zod';
import { StreamId } from '../ids.ts';

/** A (stream, epoch) pair: what is mapped to a race, pulled, acked and sealed. */
export interface Pair {
  readonly streamId: StreamId;
  readonly epoch: number;
}

/** `<streamId>/<epoch>`; the key of the mapping in the setup document too. */
export type PairKey = string & { readonly PairKey: true };

export const pairKey = (streamId: StreamId, epoch: number): PairKey => `${streamId}/${epoch}` as PairKey;

export const pairFromKey = (key: string): Pair | null => {
  const match = /^(.+)\/([1-9]\d{0,9})$/.exec(key);
  const streamId = StreamId.safeParse(match?.[1]);
  const epoch = Number(match?.[2]);
  return streamId.success && epoch <= 0xffff_ffff ? { streamId: streamId.data, epoch } : null;
};

/** By stream, then epoch: the order in which history is told. */
export const comparePairs = (a: Pair, b: Pair): number =>
  a.streamId < b.streamId ? -1 : a.streamId > b.streamId ? 1 : a.epoch - b.epoch;

/** Vector clock: the highest contiguous `seq` held of each pair. A missing entry is 0. */
export type VectorClock = ReadonlyMap<PairKey, number>;

export const clockAt = (clock: VectorClock, pair: Pair): number => clock.get(pairKey(pair.streamId, pair.epoch)) ?? 0;

/** Component-wise maximum. */
export const mergeClocks = (a: VectorClock, b: VectorClock): VectorClock => {
  const merged = new Map(a);
  for (const [key, seq] of b) merged.set(key, Math.max(seq, merged.get(key) ?? 0));
  return merged;
};

/** Component-wise minimum: where a subscription shared by several consumers must start. */
export const minimumClock = (clocks: readonly VectorClock[]): VectorClock => {
  const [first, ...others] = clocks;
  const minimum = new Map<PairKey, number>();
  for (const [key, seq] of first ?? []) {
    const lowest = Math.min(seq, ...others.map((clock) => clock.get(key) ?? 0));
    if (lowest > 0) minimum.set(key, lowest);
  }
  return minimum;
};

/** Whether `clock` holds all that `other` holds. */
export const covers = (clock: VectorClock, other: VectorClock): boolean => {
  for (const [key, seq] of other) if ((clock.get(key) ?? 0) < seq) return false;
  return true;
};

/** On the wire: `{[streamId]: {[epoch]: seq}}`. At most 10,000 streams. */
export const ClockJson = z
  .record(z.string().max(260), z.record(z.string().regex(/^[1-9]\d{0,9}$/), z.int().min(0)))
  .refine((clock) => Object.keys(clock).length <= 10_000, 'expected at most 10000 streams');
export type ClockJson = z.infer<typeof ClockJson>;

/** Entries whose stream id is no stream id are left out: they can match nothing. */
export const clockFromJson = (json: ClockJson): VectorClock => {
  const clock = new Map<PairKey, number>();
  for (const [stream, epochs] of Object.entries(json)) {
    const streamId = StreamId.safeParse(stream);
    if (!streamId.success) continue;
    for (const [epoch, seq] of Object.entries(epochs)) clock.set(pairKey(streamId.data, Number(epoch)), seq);
  }
  return clock;
};

export const clockToJson = (clock: VectorClock): ClockJson => {
  const streams = new Map<StreamId, Record<string, number>>();
  for (const [key, seq] of clock) {
    const pair = pairFromKey(key);
    if (pair === null) continue;
    const epochs = streams.get(pair.streamId) ?? {};
    epochs[pair.epoch] = seq;
    streams.set(pair.streamId, epochs);
  }
  // not by assignment: a stream called __proto__ would write into every object's prototype
  return Object.fromEntries(streams);
};
