import { type Refusal, refusal } from '@baton/schema/errors';
import { isPublished } from '../auth/policy.ts';
import type { EventRecord } from '../storage/records.ts';

/** Unknown and draft are one and the same answer: a draft is nobody's to know of. */
const HIDDEN = refusal('NOT_FOUND', 'there is no such event');
const OFFICIAL = refusal('EVENT_OFFICIAL', 'results are official and change no more: fetch them over HTTP');

/** Why a spectator cannot be taken; null: come in. */
export const refusalOfJoin = (
  event: Pick<EventRecord, 'status'> | undefined,
  connected: number,
  maxConnections: number,
): Refusal | null => {
  if (event === undefined || !isPublished(event)) return HIDDEN;
  if (event.status === 'official') return OFFICIAL;
  if (connected < maxConnections) return null;
  return refusal('CONNECTION_LIMIT_REACHED', 'so many watch this event already: try again later', { maxConnections });
};
