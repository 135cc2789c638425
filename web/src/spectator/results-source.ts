import type { Live } from '../platform/live.ts';
import type { EventInfo, RaceInfo, ResultsPage } from './public-body.ts';

export interface ResultsQuery {
  readonly eventId: string;
  readonly raceId: string;
  /** Part of a bib or name; empty for everybody. */
  readonly search: string;
  /** At most so many rows. */
  readonly limit: number;
}

/** Something followed until `stop`; `refresh` asks for it at once. */
export interface Following {
  readonly refresh: () => void;
  readonly stop: () => void;
}

/**
 * Where a spectator's page gets what it shows. Listeners hear the whole of what holds each time,
 * never a change to apply: a source that receives changes merges them itself.
 */
export interface ResultsSource {
  readonly followEvents: (listener: (live: Live<readonly EventInfo[]>) => void) => Following;
  readonly followEvent: (eventId: string, listener: (live: Live<EventInfo>) => void) => Following;
  readonly followRaces: (eventId: string, listener: (live: Live<readonly RaceInfo[]>) => void) => Following;
  readonly followResults: (query: ResultsQuery, listener: (live: Live<ResultsPage>) => void) => Following;
}
