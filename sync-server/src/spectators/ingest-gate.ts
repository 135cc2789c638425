import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventStatus } from '../storage/records.ts';

export type IngestKind = 'structure' | 'results' | 'oncourse';

/** What an event takes of other timing systems in each status. */
const OPEN: Readonly<Record<EventStatus, readonly IngestKind[]>> = {
  draft: ['structure'],
  startlist: ['structure'],
  running: ['structure', 'results', 'oncourse'],
  finished: ['structure', 'results'],
  official: [],
};

/** Null: it is taken. */
export const refusalOfIngest = (status: EventStatus, kind: IngestKind): Refusal | null => {
  const allowed = OPEN[status];
  if (allowed.includes(kind)) return null;
  const takes = allowed.length === 0 ? 'nothing any more' : allowed.join(', ');
  return refusal('INGEST_CLOSED', `an event that is ${status} takes ${takes}`, { status, kind, allowed });
};
