import { parseDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { RelayRecords } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';
import { StoreFailedError } from '../../storage/store-error.ts';

const unfinishedIn = (records: RelayRecords, docNames: readonly string[]): readonly EventId[] => {
  const known = new Set(records.events.map(({ eventId }) => eventId));
  const named = docNames.flatMap((name) => parseDocName(name)?.eventId ?? []);
  const found = new Set([...records.streams.map(({ eventId }) => eventId), ...named]);
  return [...found].filter((eventId) => !known.has(eventId));
};

/**
 * The records at start. An import stores an event's record last, so what belongs to an event that is not there is left of an import
 * that was cut: nobody has ever seen it, and it goes.
 */
export const loadWithoutUnfinished = async (
  store: Pick<Store, 'load' | 'docNames' | 'commit'>,
): Promise<RelayRecords> => {
  const records = await store.load();
  const unfinished = unfinishedIn(records, await store.docNames('events/'));
  if (unfinished.length === 0) return records;
  const reply = await store.commit(unfinished.map((eventId) => ({ type: 'deleteEvent', eventId })));
  if (reply.type === 'failed') throw new StoreFailedError(reply.message);
  const isGone = reply.type === 'committed' ? new Set(unfinished) : new Set<EventId>();
  const streams = records.streams.filter(({ eventId }) => !isGone.has(eventId));
  const streamIds = new Set(streams.map(({ streamId }) => streamId));
  return {
    ...records,
    streams,
    epochs: records.epochs.filter(({ streamId }) => streamIds.has(streamId)),
    cursors: records.cursors.filter(({ streamId }) => streamIds.has(streamId)),
  };
};
