import type { ErrorCode, Refusal } from '@baton/schema/errors';
import { CLOSE } from '@baton/schema/protocol';
import { z } from 'zod';

/** The codes that systems in the field know, each with what the peer may do and how the socket ends. */
export const FIELD_ERRORS = {
  INVALID_TOKEN: { retryable: false, close: CLOSE.unauthorized },
  SESSION_EXPIRED: { retryable: true, close: CLOSE.shuttingDown },
  PROTOCOL_ERROR: { retryable: false, close: CLOSE.badFrame },
  IDENTITY_MISMATCH: { retryable: false, close: CLOSE.forbidden },
  INTEGRITY_CONFLICT: { retryable: false, close: CLOSE.normal },
  INTERNAL_ERROR: { retryable: true, close: CLOSE.tryLater },
  /** These two leave the socket open. */
  UNKNOWN_RACE: { retryable: false, close: null },
  VERSION_FLOOR_EXCEEDED: { retryable: false, close: null },
} as const satisfies Record<string, { readonly retryable: boolean; readonly close: number | null }>;

export type FieldErrorCode = keyof typeof FIELD_ERRORS;

const CODES = Object.keys(FIELD_ERRORS) as [FieldErrorCode, ...FieldErrorCode[]];

export const FieldErrorMessage = z.object({
  kind: z.literal('error'),
  code: z.enum(CODES),
  message: z.string(),
  retryable: z.boolean(),
});
export type FieldErrorMessage = z.infer<typeof FieldErrorMessage>;

/** Why a peer is refused, in its own codes. */
export interface FieldRefusal {
  readonly code: FieldErrorCode;
  readonly message: string;
}

export const fieldRefusal = (code: FieldErrorCode, message: string): FieldRefusal => ({ code, message });

export const errorMessageOf = ({ code, message }: FieldRefusal): FieldErrorMessage => ({
  kind: 'error',
  code,
  message,
  retryable: FIELD_ERRORS[code].retryable,
});

/** What each of the core's codes is called here; a new one does not compile until this says so. */
const FIELD_CODE: Readonly<Record<ErrorCode, FieldErrorCode>> = {
  BAD_REQUEST: 'PROTOCOL_ERROR',
  INVALID_TRANSITION: 'PROTOCOL_ERROR',
  UNAUTHORIZED: 'INVALID_TOKEN',
  FORBIDDEN: 'IDENTITY_MISMATCH',
  INGEST_CLOSED: 'PROTOCOL_ERROR',
  NOT_FOUND: 'PROTOCOL_ERROR',
  CONFLICT: 'PROTOCOL_ERROR',
  FORWARDER_OFFLINE: 'PROTOCOL_ERROR',
  NODE_ATTACH_CONFLICT: 'IDENTITY_MISMATCH',
  NODE_REVOKED: 'INVALID_TOKEN',
  NODE_CAPABILITY_CONFLICT: 'PROTOCOL_ERROR',
  VERSION_FLOOR_EXCEEDED: 'VERSION_FLOOR_EXCEEDED',
  GAP: 'PROTOCOL_ERROR',
  INTEGRITY_CONFLICT: 'INTEGRITY_CONFLICT',
  // not retryable: the loser of a takeover stops, or two devices with one identity would take turns for ever
  FENCED: 'PROTOCOL_ERROR',
  EVENT_OFFICIAL: 'PROTOCOL_ERROR',
  EPOCH_ARCHIVED: 'PROTOCOL_ERROR',
  ARCHIVE_FOREIGN: 'PROTOCOL_ERROR',
  ARCHIVE_NEWER: 'PROTOCOL_ERROR',
  ARCHIVE_DAMAGED: 'PROTOCOL_ERROR',
  EVENT_EXISTS: 'PROTOCOL_ERROR',
  PAYLOAD_TOO_LARGE: 'PROTOCOL_ERROR',
  UNKNOWN_RACE: 'UNKNOWN_RACE',
  PROTOCOL_ERROR: 'PROTOCOL_ERROR',
  UNSUPPORTED_VERSION: 'PROTOCOL_ERROR',
  LIMIT_REACHED: 'INTERNAL_ERROR',
  DAILY_LIMIT_REACHED: 'INTERNAL_ERROR',
  RATE_LIMITED: 'INTERNAL_ERROR',
  INTERNAL_ERROR: 'INTERNAL_ERROR',
  INTERNAL: 'INTERNAL_ERROR',
  UNAVAILABLE: 'INTERNAL_ERROR',
  STORAGE_FULL: 'INTERNAL_ERROR',
  CONNECTION_LIMIT_REACHED: 'INTERNAL_ERROR',
};

export const fieldRefusalOf = (it: Refusal): FieldRefusal => fieldRefusal(FIELD_CODE[it.code], it.message);
