import type { Race, Setup } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import type { NodeId, PointId, RaceId } from '@baton/schema/ids';
import { type Pair, pairKey } from '@baton/schema/reads';
import { streamTitle } from './stream-view.ts';

/** A stream as race day needs it: where it stands, what its current epoch counts for, and what is odd about it. */
export interface OverviewRow {
  readonly stream: StreamBody;
  readonly title: string;
  readonly pointId: PointId | null;
  readonly raceId: RaceId | null;
  readonly notes: readonly string[];
}

export interface ForwarderRows {
  readonly forwarderId: NodeId;
  /** The race that the forwarder is said to stand at. It maps nothing. */
  readonly raceId: RaceId | null;
  readonly rows: readonly OverviewRow[];
}

const currentRace = (stream: StreamBody, setup: Setup): RaceId | null =>
  setup.epochRaces.get(pairKey(stream.streamId, stream.epoch)) ?? null;

const pointNote = (race: Race, pointId: PointId | null): string | null => {
  if (race.points.length === 0) return null;
  if (pointId === null) return `No timing point, so its reads do not count in ${race.name}.`;
  return race.points.some((it) => it.pointId === pointId)
    ? null
    : `${race.name} does not pass this point, so its reads do not count.`;
};

/** A hint that differs warns and decides nothing (RT-22). */
const hintNote = (setup: Setup, stream: StreamBody, raceId: RaceId): string | null => {
  const hinted = setup.forwarderRaces.get(stream.forwarderId);
  if (hinted === undefined || hinted === raceId) return null;
  return `Its forwarder stands at ${setup.races.get(hinted)?.name ?? 'another race'}.`;
};

const notesOf = (setup: Setup, stream: StreamBody, raceId: RaceId | null, pointId: PointId | null) => {
  const race = raceId === null ? undefined : setup.races.get(raceId);
  if (race === undefined) return ['No race, so its reads count nowhere.'];
  return [hintNote(setup, stream, race.raceId), pointNote(race, pointId)].filter((it) => it !== null);
};

const rowOf = (stream: StreamBody, setup: Setup): OverviewRow => {
  const raceId = currentRace(stream, setup);
  const pointId = setup.streamPoints.get(stream.streamId) ?? null;
  return { stream, title: streamTitle(stream, setup), pointId, raceId, notes: notesOf(setup, stream, raceId, pointId) };
};

/** Streams by forwarder, in the order in which the relay lists them. */
export const overview = (streams: readonly StreamBody[], setup: Setup): readonly ForwarderRows[] => {
  const groups = new Map<NodeId, OverviewRow[]>();
  for (const stream of streams) {
    const rows = groups.get(stream.forwarderId) ?? [];
    rows.push(rowOf(stream, setup));
    groups.set(stream.forwarderId, rows);
  }
  return [...groups].map(([forwarderId, rows]) => ({
    forwarderId,
    raceId: setup.forwarderRaces.get(forwarderId) ?? null,
    rows,
  }));
};

/** Which streams to assign: every one, or those whose current epoch has no race. */
export type AssignScope = 'all' | 'unassigned';

export interface Assignment {
  readonly pairs: readonly Pair[];
  /** How many of them leave another race. */
  readonly moved: number;
}

/** The current epochs that assigning them to the race would change. */
export const assignment = (
  streams: readonly StreamBody[],
  setup: Setup,
  raceId: RaceId,
  scope: AssignScope,
): Assignment => {
  const changed = streams.filter((stream) => {
    const now = currentRace(stream, setup);
    return scope === 'all' ? now !== raceId : now === null;
  });
  return {
    pairs: changed.map(({ streamId, epoch }) => ({ streamId, epoch })),
    moved: changed.filter((stream) => currentRace(stream, setup) !== null).length,
  };
};
