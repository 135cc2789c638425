import { type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import { isPublished } from '../auth/policy.ts';
import type { EventRecord } from '../storage/records.ts';

/** Unknown and draft are one and the same answer: a draft is nobody's to know of. */
const HIDDEN = refusal('NOT_FOUND', 'there is no such event');
const OFFICIAL = refusal('EVENT_OFFICIAL', 'results are official and change no more: fetch them over HTTP');

/** Whether a spectator is taken into an event. */
export const decideJoin = (
  event: EventRecord | undefined,
  connected: number,
  maxConnections: number,
): Result<EventRecord, Refusal> => {
  if (event === undefined || !isPublished(event)) return err(HIDDEN);
  if (event.status === 'official') return err(OFFICIAL);
  if (connected < maxConnections) return ok(event);
  const message = 'so many watch this event already: try again later';
  return err(refusal('CONNECTION_LIMIT_REACHED', message, { maxConnections }));
};
