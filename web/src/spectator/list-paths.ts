import { eventPath } from './public-paths.ts';

/** As `public-paths.ts`, for parts that are loaded later. */
export const EVENTS_PATH = '/api/v1/events';

/** Whom to look for in a start list: a part of a bib, name or club, or exactly one bib. */
export type StartFilter = { readonly search: string } | { readonly bib: string };

export const startListPath = (eventId: string, raceId: string, filter: StartFilter, limit: number): string => {
  const query = new URLSearchParams({ limit: String(limit) });
  if ('bib' in filter) query.set('bib', filter.bib);
  else if (filter.search !== '') query.set('q', filter.search);
  return `${eventPath(eventId)}/startlist/${encodeURIComponent(raceId)}?${query}`;
};
