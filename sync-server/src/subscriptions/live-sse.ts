import type { ServerResponse } from 'node:http';
import { type Refusal, refusal } from '@baton/schema/errors';
import { EventId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import { eventText, snapshotText } from './event-text.ts';
import type { LiveMessage } from './live-message.ts';
import { specOf } from './live-protocol.ts';
import type { LiveSink } from './out-queue.ts';
import type { SubscriptionSpec } from './subscription.ts';

/** What an event stream's URL asks for. */
export interface StreamQuery {
  readonly eventId: EventId;
  readonly collection: string;
  readonly spec: SubscriptionSpec;
}

/** An event stream has one subscription; its id never leaves the relay's answers. */
const SUB_ID = 'sse';

const flag = (text: unknown, fallback: boolean): boolean | null => {
  if (text === undefined) return fallback;
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : null;
};

const bad = (field: string, expected: string): Result<never, Refusal> =>
  err(refusal('BAD_REQUEST', `${field} is not as expected`, { fields: { [field]: expected } }));

/** Refused as no list of filters. */
const NO_LIST = 'no list';

const filtersIn = (text: unknown): unknown => {
  if (text === undefined) return [];
  try {
    return typeof text === 'string' ? JSON.parse(text) : NO_LIST;
  } catch {
    return NO_LIST;
  }
};

/** @param lastEventId what a browser sends of itself when it comes back: the place of the last event */
export const parseStreamQuery = (
  query: Readonly<Record<string, unknown>>,
  lastEventId: string | undefined,
): Result<StreamQuery, Refusal> => {
  const eventId = EventId.safeParse(query['eventId']);
  if (!eventId.success) return bad('eventId', 'expected the id of an event');
  const { collection } = query;
  if (typeof collection !== 'string') return bad('collection', 'expected the name of a collection');
  const includeData = flag(query['includeData'], true);
  const sendSnapshot = flag(query['sendSnapshot'], false);
  if (includeData === null || sendSnapshot === null) return bad('includeData, sendSnapshot', 'expected true or false');
  const filters = filtersIn(query['filters']);
  const after = lastEventId === undefined || lastEventId === '' ? {} : { after: lastEventId.slice(0, 128) };
  const wanted = specOf(SUB_ID, { eventId: eventId.data, collection, filters, includeData, sendSnapshot, ...after });
  return wanted.ok ? ok({ eventId: eventId.data, collection, spec: wanted.value.spec }) : wanted;
};

const frame = (event: string, payload: string, id: string | undefined): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${payload}\n\n`;

/** JSON has no line feeds, so one `data:` line holds it. What is not for streams is left out. */
export const encodeForStream = (message: LiveMessage): string => {
  switch (message.type) {
    case 'snapshot':
      return frame('snapshot', snapshotText(message.payload), message.payload.place);
    case 'event':
      return frame('change', eventText(message.payload), message.payload.place);
    case 'resync':
      return frame('resync', JSON.stringify(message.payload), undefined);
    case 'error':
      return frame('error', JSON.stringify(message.payload), undefined);
    case 'heartbeat':
      return ': heartbeat\n\n';
    case 'authAck':
    case 'subscribeAck':
    case 'unsubscribeAck':
      return '';
  }
};

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // proxies of the nginx kind hold answers back otherwise
  'X-Accel-Buffering': 'no',
  Connection: 'close',
} as const;

/**
 * Begins the stream. Bytes go out as they are, without chunks, past the response to its socket: the connection's end is the stream's. A socket
 * that has gone meanwhile takes nothing.
 */
export const openStream = (response: ServerResponse): LiveSink => {
  response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive = false;
  response.writeHead(200, STREAM_HEADERS);
  response.flushHeaders();
  const { socket } = response;
  socket?.setNoDelay(true);
  const write = (text: string): void => {
    if (socket?.writable === true) socket.write(text);
  };
  write(': connected\n\n');
  return {
    send: (text) => {
      if (text !== '') write(text);
    },
    bufferedAmount: () => socket?.writableLength ?? 0,
    onDrain: (listener) => {
      socket?.on('drain', listener);
    },
    close: () => response.end(),
  };
};
