import type { EventId } from '@baton/schema/ids';
import type { Log } from '@baton/schema/ports';
import type { Registry } from '../registry/registry.ts';
import { judgeVersion, type VersionVerdict } from './version-floor.ts';

/** What a version may do in an event, by its floor as it is now. A floor that cannot be read is told in the log, once. */
export type VerdictOf = (eventId: EventId, clientVersion: string) => VersionVerdict;

export const createVerdicts = (deps: {
  readonly registry: Pick<Registry, 'event'>;
  readonly journal: Log;
}): VerdictOf => {
  const complained = new Set<string>();

  const complain = (eventId: EventId, floor: string): void => {
    const what = `${eventId} ${floor}`;
    // whoever asks often must not flood the log
    if (complained.has(what)) return;
    complained.add(what);
    const message = 'the stored version floor is no version: nobody may write until it is set again';
    deps.journal.error(message, { eventId, floor });
  };

  return (eventId, clientVersion) => {
    const verdict = judgeVersion(clientVersion, deps.registry.event(eventId)?.minClientVersion ?? null);
    if (verdict.type === 'malformed-floor') complain(eventId, verdict.floor);
    return verdict;
  };
};
