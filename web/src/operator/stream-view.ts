import type { Race, Setup } from '@baton/schema/doc';
import type { EpochBody, StreamBody } from '@baton/schema/http';
import type { PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairFromKey, pairKey } from '@baton/schema/reads';

/** An epoch as the page shows it: counts from the relay, race and name from the setup document. */
export interface EpochView {
  readonly epoch: number;
  readonly name: string | null;
  /** Added to its reader's times, ms. */
  readonly offsetMs: number;
  readonly readCount: number;
  readonly firstReadAt: number | null;
  readonly lastReadAt: number | null;
  readonly isCurrent: boolean;
  readonly sealed: boolean;
  readonly raceId: RaceId | null;
}

/**
 * Every epoch that has reads, is current, or is mapped or named in the document; newest first. The document
 * rules what is mapped: it holds this page's own edits before the relay has them.
 */
export const epochViews = (stream: StreamBody, rows: readonly EpochBody[], setup: Setup): readonly EpochView[] => {
  const known = new Map(rows.map((row) => [row.epoch, row]));
  const numbers = new Set([...known.keys(), stream.epoch, ...epochsInSetup(stream.streamId, setup)]);
  return [...numbers]
    .sort((a, b) => b - a)
    .map((epoch) => {
      const row = known.get(epoch);
      const key = pairKey(stream.streamId, epoch);
      const isCurrent = epoch === stream.epoch;
      return {
        epoch,
        name: setup.epochNames.get(key) ?? null,
        offsetMs: setup.epochOffsets.get(key) ?? 0,
        readCount: isCurrent ? Math.max(stream.head, row?.readCount ?? 0) : (row?.readCount ?? 0),
        firstReadAt: row?.firstReadAt ?? null,
        lastReadAt: row?.lastReadAt ?? null,
        isCurrent,
        sealed: row?.sealed ?? false,
        raceId: setup.epochRaces.get(key) ?? null,
      };
    });
};

const epochsInSetup = (streamId: StreamId, setup: Setup): readonly number[] =>
  [...setup.epochRaces.keys(), ...setup.epochNames.keys(), ...setup.epochOffsets.keys()].flatMap((key) => {
    const pair = pairFromKey(key);
    return pair !== null && pair.streamId === streamId ? [pair.epoch] : [];
  });

/** A place on the course with the races that pass it: the same mat serves several races under one point id. */
export interface PointChoice {
  readonly pointId: PointId;
  readonly label: string;
}

export const pointChoices = (races: Iterable<Race>): readonly PointChoice[] => {
  const found = new Map<PointId, { name: string; races: string[] }>();
  for (const race of races) {
    for (const point of race.points) {
      const entry = found.get(point.pointId) ?? { name: point.name, races: [] };
      entry.races.push(race.name);
      found.set(point.pointId, entry);
    }
  }
  return [...found].map(([pointId, { name, races: names }]) => ({ pointId, label: `${name} (${names.join(', ')})` }));
};

/** What people call a stream. */
export const streamTitle = (stream: Pick<StreamBody, 'streamId'>, setup: Setup): string =>
  setup.streamLabels.get(stream.streamId) ?? stream.streamId;

/** Why the set-up of a stream cannot be forgotten; the relay decides in the end. */
export const forgetBlock = (stream: Pick<StreamBody, 'health'>): string | null =>
  stream.health === 'offline' ? null : 'Its forwarder is connected: stop it first.';

/** How a stream is doing, worst first. */
export type StreamHealth = 'live' | 'reader-gone' | 'forwarder-gone' | 'degraded';

export const streamHealth = (stream: StreamBody): StreamHealth => {
  if (stream.health === 'offline') return 'forwarder-gone';
  if (stream.health === 'degraded') return 'degraded';
  return stream.readerConnected ? 'live' : 'reader-gone';
};

export const HEALTH_WORDS = {
  live: { word: 'Reader connected', tone: 'ok' },
  'reader-gone': { word: 'Reader not connected', tone: 'bad' },
  'forwarder-gone': { word: 'Forwarder offline', tone: 'warn' },
  degraded: { word: 'Forwarder degraded', tone: 'warn' },
} as const satisfies Record<StreamHealth, { readonly word: string; readonly tone: 'ok' | 'warn' | 'bad' }>;
