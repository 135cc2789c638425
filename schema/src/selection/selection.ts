import { z } from 'zod';
import { RaceId, StreamId } from '../ids.ts';

/**
 * What a receiver wants. `manual`: these streams, all their epochs, later ones included.
 * `race`: every mapped epoch of the race (`all`), or those that are also their stream's
 * current epoch (`current`).
 */
export const Selection = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('manual'), streams: z.array(StreamId).max(1000) }),
  z.object({ mode: z.literal('race'), raceId: RaceId, epochScope: z.enum(['all', 'current']) }),
]);
export type Selection = z.infer<typeof Selection>;

/** A receiver never selects by itself. */
export const NOTHING_SELECTED: Selection = { mode: 'manual', streams: [] };

export const sameSelection = (a: Selection, b: Selection): boolean => {
  if (a.mode === 'race') return b.mode === 'race' && a.raceId === b.raceId && a.epochScope === b.epochScope;
  return (
    b.mode === 'manual' && a.streams.length === b.streams.length && a.streams.every((it, i) => it === b.streams[i])
  );
};
