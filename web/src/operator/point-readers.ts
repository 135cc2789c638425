import type { Point, Race, Setup } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import type { StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';

/** The streams that stand at a timing point. */
export type PointReaders = readonly PointReader[];

export interface PointReader {
  readonly title: string;
  /** Why its reads do not count in the race now; null when they do, or while the relay has not told. */
  readonly note: string | null;
}

const noteOf = (race: Race, setup: Setup, stream: StreamBody): string | null => {
  const raceId = setup.epochRaces.get(pairKey(stream.streamId, stream.epoch));
  if (raceId === race.raceId) return null;
  return raceId === undefined ? 'its epoch has no race' : `now in ${setup.races.get(raceId)?.name ?? 'another race'}`;
};

/**
 * Who stands at a point of a race, out of the document; `streams` are the relay's, for which epoch is
 * current. A mat that serves two races stands at a point of both.
 */
export const readersAt = (
  race: Race,
  point: Pick<Point, 'pointId'>,
  setup: Setup,
  streams: ReadonlyMap<StreamId, StreamBody>,
): PointReaders =>
  [...setup.streamPoints]
    .filter(([, pointId]) => pointId === point.pointId)
    .map(([streamId]) => {
      const stream = streams.get(streamId);
      return {
        title: setup.streamLabels.get(streamId) ?? streamId,
        note: stream === undefined ? null : noteOf(race, setup, stream),
      };
    });
