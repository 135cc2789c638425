/**
 * The version of `/sync`. It rises with every change of a message's shape; a test pins the
 * shapes' hash to it (`protocol/version.test.ts`), so nobody changes the wire by accident.
 *
 * - 1 (2026-11-20): first.
 */
export const PROTOCOL_VERSION = 1;

/** Oldest version a relay still serves. */
export const OLDEST_PROTOCOL_VERSION = 1;

/** Subprotocol of every native WebSocket; its bearer companion carries the token of a browser. */
export const SUBPROTOCOL = 'baton.v1';
export const BEARER_PREFIX = 'bearer.';

/** Version of this software as a node tells it: MAJOR.MINOR. */
export const CLIENT_VERSION = '0.1';
