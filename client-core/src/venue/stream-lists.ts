import { type StreamBody, StreamList } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { AnnouncedStreams } from '@baton/schema/protocol';
import { describeApiError } from '../http/describe-error.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { type BySide, SIDES, type Side } from './link-state.ts';
import { missingAt, type StreamLists } from './stream-words.ts';

/** One announcement names at most so many. */
const MAX_ANNOUNCED = 1000;

/** The streams of an event at two relays. Null in it: a relay that does not answer, which was told of in `warn`. */
export interface StreamListing {
  /** Of both, once each has been told of those that only the other has. */
  readonly both: () => Promise<StreamLists | null>;
  readonly at: (side: Side) => Promise<readonly StreamBody[] | null>;
}

export const createStreamListing = (
  apis: BySide<RelayApi>,
  eventId: EventId,
  warn: (message: string, cause: string) => void,
): StreamListing => {
  const event = encodeURIComponent(eventId);

  const listAt = async (side: Side): Promise<readonly StreamBody[] | null> => {
    const listed = await apis[side].call('GET', `/streams?eventId=${event}`, StreamList);
    if (!listed.ok) warn('the streams of a relay are not known right now', describeApiError(listed.error));
    return listed.ok ? listed.value.streams : null;
  };

  const listBoth = async (): Promise<StreamLists | null> => {
    const [here, there] = await Promise.all([listAt('here'), listAt('there')]);
    return here === null || there === null ? null : { here, there };
  };

  /** Whether the relay took the streams that it lacked. */
  const announceAt = async (side: Side, lists: StreamLists): Promise<boolean> => {
    const missing = missingAt(side, lists).slice(0, MAX_ANNOUNCED);
    if (missing.length === 0) return false;
    const streams = missing.map(({ forwarderId, reader }) => ({ forwarderId, reader }));
    const told = await apis[side].call('POST', `/events/${event}/streams`, AnnouncedStreams, { streams });
    if (!told.ok) warn('a relay does not take the streams of the other', describeApiError(told.error));
    return told.ok;
  };

  const both = async (): Promise<StreamLists | null> => {
    const lists = await listBoth();
    if (lists === null) return null;
    let isOld = false;
    for (const side of SIDES) if (await announceAt(side, lists)) isOld = true;
    return isOld ? listBoth() : lists;
  };
  return { both, at: listAt };
};
