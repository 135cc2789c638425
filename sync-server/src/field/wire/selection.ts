import { RaceId, type StreamId } from '@baton/schema/ids';
import type { Selection } from '@baton/schema/selection';
import { z } from 'zod';
import { StreamRef, streamIdOfRef } from './stream-ref.ts';

/** A selection in the wire shape of v1.1. */
export const WireSelection = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('manual'), streams: z.array(StreamRef).max(1000) }),
  // any text: one that is no id is a race that the event does not have
  z.object({ mode: z.literal('race'), race_id: z.string().min(1).max(300), epoch_scope: z.enum(['all', 'current']) }),
]);
export type WireSelection = z.infer<typeof WireSelection>;

/** How the peer spelled the streams it named, so that it is answered in its own words. */
export type Spellings = ReadonlyMap<StreamId, StreamRef>;

export const spellingsOf = (refs: readonly StreamRef[]): Spellings =>
  new Map(
    refs.map(({ forwarder_id, reader_ip }) => [
      streamIdOfRef({ forwarder_id, reader_ip }),
      { forwarder_id, reader_ip },
    ]),
  );

/** The core's selection; a stream named twice counts once. Null: the race can be none, as its id is no id. */
export const selectionFromWire = (wire: WireSelection): Selection | null => {
  if (wire.mode === 'manual') return { mode: 'manual', streams: [...spellingsOf(wire.streams).keys()] };
  const raceId = RaceId.safeParse(wire.race_id);
  return raceId.success ? { mode: 'race', raceId: raceId.data, epochScope: wire.epoch_scope } : null;
};

export const selectionToWire = (selection: Selection, spellings: Spellings): WireSelection =>
  selection.mode === 'manual'
    ? { mode: 'manual', streams: selection.streams.flatMap((streamId) => spellings.get(streamId) ?? []) }
    : { mode: 'race', race_id: selection.raceId, epoch_scope: selection.epochScope };
