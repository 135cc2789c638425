import type { HttpReply } from '../platform/http.ts';
import { type AskPage, type FollowedList, followList, type ListDeps } from './list-follower.ts';
import { decodeResults } from './public-body.ts';
import { resultsPath } from './public-paths.ts';
import { everybody, ROWS_OF_ONE } from './row-window.ts';

/** The relay looks for text: one runner is found among others whose bibs contain the same digits. */
const PAGE_ROWS = 200;
const MAX_PAGES = 5;

const askForOne: AskPage = async (http, eventId, { filter }, etag) => {
  const from = async (offset: number): Promise<HttpReply> => {
    const path = resultsPath(eventId, filter, { limit: PAGE_ROWS, offset });
    const reply = await http(path, { etag: offset === 0 ? etag : null });
    const page = reply.type === 'ok' ? decodeResults(reply.body) : null;
    if (page === null || page.data.some((it) => it.bib === filter.bib)) return reply;
    const next = offset + page.data.length;
    return next >= page.total || next >= PAGE_ROWS * MAX_PAGES ? reply : from(next);
  };
  return from(0);
};

/** Follows one runner of a race. */
export const followRunner = (deps: ListDeps, eventId: string, raceId: string, bib: string): FollowedList =>
  followList(deps, eventId, { filter: { ...everybody(raceId), bib }, limit: ROWS_OF_ONE }, { askPage: askForOne });
