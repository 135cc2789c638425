import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ERROR_CODES, type Refusal, refusal } from '@baton/schema/errors';
import type { Ids } from '@baton/schema/ports';
import type { OnRefusal } from '../watching/refusals.ts';
import { plainRefusal } from './plain-refusal.ts';

interface ParserError extends Error {
  readonly code?: string;
}

/** What Node's parser found, as a refusal; null: the peer has gone. */
const refusalOf = ({ code }: ParserError, maxHeaderSize: number): Refusal | null => {
  if (code === 'ECONNRESET') return null;
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `the head of a request has at most ${maxHeaderSize} bytes`;
    return refusal('PAYLOAD_TOO_LARGE', message, { limit: maxHeaderSize });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal('BAD_REQUEST', 'the request did not come in time');
  return refusal('BAD_REQUEST', 'the request cannot be read; expected HTTP/1.1');
};

export interface UnreadableDeps {
  readonly maxHeaderSize: number;
  readonly ids: Ids;
  readonly onRefusal: OnRefusal;
}

/** Answers what is no HTTP with the envelope that everything else is answered with, and ends the connection. */
export const createUnreadableHandler =
  ({ maxHeaderSize, ids, onRefusal }: UnreadableDeps): ((error: ParserError, stream: Duplex) => void) =>
  (error, stream) => {
    const refused = refusalOf(error, maxHeaderSize);
    // behind an earlier answer, or in the middle of one, these bytes would be taken for a part of it
    const isFresh = stream.writable && (stream as Socket).bytesWritten === 0;
    if (refused === null || !isFresh) return void stream.destroy();
    const requestId = ids.uuid();
    onRefusal(refused.code, { via: 'http', status: ERROR_CODES[refused.code].status, requestId });
    stream.end(plainRefusal(refused, requestId), () => stream.destroy());
  };
