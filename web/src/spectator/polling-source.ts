import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeEvent, decodeEvents, decodeRaces, decodeResults } from './public-body.ts';
import type { ResultsQuery, ResultsSource } from './results-source.ts';

const RESULTS_MS = 1500;
const EVENT_MS = 5000;
const EVENTS_MS = 15_000;

const base = (eventId: string): string => `/api/v1/events/${encodeURIComponent(eventId)}`;

/** Path and query of one page of results. */
export const resultsPath = ({ eventId, raceId, search, limit }: ResultsQuery): string => {
  const query = new URLSearchParams({ detailed: 'true', limit: String(limit) });
  if (search !== '') query.set('q', search);
  return `${base(eventId)}/results/${encodeURIComponent(raceId)}?${query}`;
};

/** Follows by asking again, each time with the ETag of the last answer. */
export const createPollingSource = (deps: PollDeps): ResultsSource => ({
  followEvents: (onChange) =>
    startPoll(deps, { path: '/api/v1/events', decode: decodeEvents, everyMs: EVENTS_MS, onChange }),
  followEvent: (eventId, onChange) =>
    startPoll(deps, { path: base(eventId), decode: decodeEvent, everyMs: EVENT_MS, onChange }),
  followRaces: (eventId, onChange) =>
    startPoll(deps, { path: `${base(eventId)}/races`, decode: decodeRaces, everyMs: EVENT_MS, onChange }),
  followResults: (query, onChange) =>
    startPoll(deps, { path: resultsPath(query), decode: decodeResults, everyMs: RESULTS_MS, onChange }),
});
