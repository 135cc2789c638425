import { type FollowedList, followList, type ListDeps } from './list-follower.ts';
import { everybody, ROWS_OF_ONE } from './row-window.ts';

/** Follows one runner of a race. */
export const followRunner = (deps: ListDeps, eventId: string, raceId: string, bib: string): FollowedList =>
  followList(deps, eventId, { filter: { ...everybody(raceId), bib }, limit: ROWS_OF_ONE });
