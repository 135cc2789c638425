import type { Live } from '../platform/live.ts';
import { startPoll } from '../platform/poll.ts';
import type { EventStore } from './event-store.ts';
import { decodeStartList, type StartRow } from './list-body.ts';
import { type StartFilter, startListPath } from './list-paths.ts';
import type { Page } from './public-body.ts';

const EVERY_MS = 15_000;

/** Follows the first rows of a start list until the way to stop is called. */
export const followStartList = (
  store: Pick<EventStore, 'eventId' | 'polls'>,
  raceId: string,
  filter: StartFilter,
  limit: number,
  onChange: (live: Live<Page<StartRow>>) => void,
): (() => void) => {
  const path = startListPath(store.eventId, raceId, filter, limit);
  return startPoll(store.polls, { path, decode: decodeStartList, everyMs: EVERY_MS, onChange }).stop;
};
