import { eventPath } from './public-paths.ts';

/** As `public-paths.ts`, for parts that are loaded later. */
export const EVENTS_PATH = '/api/v1/events';

export const startListPath = (eventId: string, raceId: string, search: string, limit: number): string => {
  const query = new URLSearchParams({ limit: String(limit) });
  if (search !== '') query.set('q', search);
  return `${eventPath(eventId)}/startlist/${encodeURIComponent(raceId)}?${query}`;
};
