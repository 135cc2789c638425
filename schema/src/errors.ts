import { z } from 'zod';

/**
 * Every code that leaves Baton, in one table: HTTP status, whether the same request may
 * succeed later, and what it means. `docs/errors.md` is checked against it by a test.
 */
export const ERROR_CODES = {
  BAD_REQUEST: {
    status: 400,
    retryable: false,
    means: 'the request does not have the expected shape; details name the fields',
  },
  INVALID_TRANSITION: {
    status: 400,
    retryable: false,
    means: 'the event cannot go from its status to the requested one',
  },
  UNAUTHORIZED: {
    status: 401,
    retryable: false,
    means: 'no token, an unknown, expired or revoked one, or a token in the URL',
  },
  FORBIDDEN: { status: 403, retryable: false, means: 'the token does not allow this, or the origin is foreign' },
  INGEST_CLOSED: { status: 403, retryable: false, means: 'the event’s status does not take this kind of data' },
  NOT_FOUND: { status: 404, retryable: false, means: 'there is no such thing, or it is not yours to see' },
  CONFLICT: { status: 409, retryable: false, means: 'the present state does not allow this; the message says why' },
  FORWARDER_OFFLINE: {
    status: 409,
    retryable: true,
    means: 'the stream’s forwarder is not attached; nothing was changed or queued',
  },
  NODE_ATTACH_CONFLICT: { status: 409, retryable: false, means: 'the node is active elsewhere' },
  NODE_REVOKED: { status: 409, retryable: false, means: 'the node was revoked for good' },
  NODE_CAPABILITY_CONFLICT: { status: 409, retryable: false, means: 'capabilities do not fit the node’s state' },
  VERSION_FLOOR_EXCEEDED: {
    status: 409,
    retryable: false,
    means: 'the node’s version is below the event’s floor: it may read, not write',
  },
  GAP: { status: 409, retryable: true, means: 'reads before these are missing; details say which number is expected' },
  INTEGRITY_CONFLICT: {
    status: 409,
    retryable: false,
    means: 'other bytes are stored under these numbers; the first are kept, continue in a fresh epoch',
  },
  FENCED: { status: 409, retryable: false, means: 'a newer session of this node took over' },
  EVENT_OFFICIAL: { status: 410, retryable: false, means: 'results are official; the feed has ended' },
  EPOCH_ARCHIVED: {
    status: 410,
    retryable: false,
    means: 'the reads of this epoch were archived to a file and dropped here; its count and hash still stand',
  },
  ARCHIVE_FOREIGN: { status: 400, retryable: false, means: 'the file is no archive of Baton' },
  ARCHIVE_NEWER: { status: 400, retryable: false, means: 'the archive has a format that this relay does not know yet' },
  ARCHIVE_DAMAGED: {
    status: 400,
    retryable: false,
    means: 'the archive is cut or changed; the message says where, and nothing was taken from it',
  },
  EVENT_EXISTS: {
    status: 409,
    retryable: false,
    means: 'the relay has this event, or one of its streams, already; nothing was imported',
  },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, means: 'the body or frame is over the limit; details give it' },
  UNKNOWN_RACE: { status: 404, retryable: false, means: 'the selection names a race this event does not have' },
  PROTOCOL_ERROR: {
    status: 400,
    retryable: false,
    means: 'a message that this session does not allow now, or not at all',
  },
  UNSUPPORTED_VERSION: {
    status: 400,
    retryable: false,
    means: 'the peer speaks another protocol version; details give the supported range',
  },
  LIMIT_REACHED: {
    status: 409,
    retryable: true,
    means: 'the event or the node has as many streams, documents or bytes as it may; details say which limit',
  },
  DAILY_LIMIT_REACHED: {
    status: 429,
    retryable: true,
    means: 'the event or the token has brought what it may within 24 hours; keep the rest and try later',
  },
  RATE_LIMITED: { status: 429, retryable: true, means: 'too many requests; try later' },
  INTERNAL_ERROR: { status: 500, retryable: true, means: 'a defect of the relay; its log has the cause' },
  INTERNAL: { status: 500, retryable: true, means: 'a defect of the relay; its log has the cause' },
  UNAVAILABLE: { status: 503, retryable: true, means: 'not ready, or shutting down' },
  STORAGE_FULL: {
    status: 503,
    retryable: true,
    means: 'the disk is full, or nearly: nothing was stored; free space and it goes on',
  },
  CONNECTION_LIMIT_REACHED: {
    status: 503,
    retryable: true,
    means: 'the connections that the event, the token or the relay may have are used up',
  },
} as const satisfies Record<string, { status: number; retryable: boolean; means: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The one error envelope, on HTTP bodies and in socket messages alike. The code is open to readers: a relay of a
 * later version may have one that this version does not know (P26).
 */
export const ErrorEnvelope = z.object({
  code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'expected a SCREAMING_SNAKE code'),
  message: z.string(),
  retryable: z.boolean().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorEnvelope = z.infer<typeof ErrorEnvelope>;

/** An expected failure on its way to a peer. `message` says what was expected and what helps. */
export interface Refusal {
  readonly type: 'refusal';
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const refusal = (code: ErrorCode, message: string, details?: Readonly<Record<string, unknown>>): Refusal =>
  details === undefined ? { type: 'refusal', code, message } : { type: 'refusal', code, message, details };

export const refusalToEnvelope = (it: Refusal): ErrorEnvelope => ({
  code: it.code,
  message: it.message,
  retryable: ERROR_CODES[it.code].retryable,
  ...(it.details === undefined ? {} : { details: { ...it.details } }),
});

/** The fields a zod error names, as `{path: what was expected}`, for `BAD_REQUEST` details. */
export const fieldsOf = (error: z.ZodError): Record<string, string> => {
  const fields: Record<string, string> = {};
  for (const issue of error.issues.slice(0, 20)) fields[issue.path.join('.') || '(body)'] = issue.message;
  return fields;
};
