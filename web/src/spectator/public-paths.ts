import type { RowFilter } from './row-window.ts';

const API = '/api/v1/events';

/** Where the relay tells what this page asks for. */
export const EVENTS_PATH = API;

export const eventPath = (eventId: string): string => `${API}/${encodeURIComponent(eventId)}`;

export interface PageStep {
  readonly limit: number;
  readonly offset?: number;
}

/** Path and query of a page of result rows. One runner is looked for by the bib; the answer holds all whose bib contains it. */
export const resultsPath = (eventId: string, filter: RowFilter, { limit, offset = 0 }: PageStep): string => {
  const query = new URLSearchParams({ detailed: 'true', limit: String(limit) });
  if (offset > 0) query.set('offset', String(offset));
  if (filter.category !== null) query.set('category', filter.category);
  if (filter.sex !== null) query.set('sex', filter.sex);
  const wanted = filter.bib ?? filter.search;
  if (wanted !== '') query.set('q', wanted);
  return `${eventPath(eventId)}/results/${encodeURIComponent(filter.raceId)}?${query}`;
};

export const startListPath = (eventId: string, raceId: string, search: string, limit: number): string => {
  const query = new URLSearchParams({ limit: String(limit) });
  if (search !== '') query.set('q', search);
  return `${eventPath(eventId)}/startlist/${encodeURIComponent(raceId)}?${query}`;
};

/** Who came by first, newest first. */
export const announcerPath = (eventId: string): string => `${eventPath(eventId)}/announcer?limit=25`;
