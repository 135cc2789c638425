import { type Refusal, refusal } from '@baton/schema/errors';
import type { Headers } from './access.ts';

/** Host and port of an origin; null for `null` and whatever is no http origin. */
const hostOf = (origin: string): string | null => {
  if (!URL.canParse(origin)) return null;
  const url = new URL(origin);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.host : null;
};

const text = (value: string | readonly string[] | undefined): string | null =>
  typeof value === 'string' ? value : null;

/**
 * Whether a browser on this origin may talk to the relay: the same host (a proxy may have taken the
 * TLS off, so the scheme does not count) or one that was allowed by name. Programs send no Origin.
 */
export const isAllowedOrigin = (headers: Headers, allowed: readonly string[]): boolean => {
  const { origin } = headers;
  if (origin === undefined) return true;
  const given = text(origin);
  if (given === null) return false;
  if (allowed.includes(given)) return true;
  const host = hostOf(given);
  return host !== null && host === text(headers['host'])?.toLowerCase();
};

/** The query string in a request target. */
const queryOf = (target: string): URLSearchParams => {
  const at = target.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : target.slice(at + 1)); // a second question mark is a part of it
};

/**
 * What is refused of any request or upgrade before anything else is looked at: a token in the URL
 * (401; proxies and logs keep URLs) and a foreign Origin (403). Null: go on.
 */
export const refuseAtDoor = (target: string, headers: Headers, allowed: readonly string[]): Refusal | null => {
  if (queryOf(target).has('token')) {
    return refusal('UNAUTHORIZED', 'a token must not be in the URL; send it as Authorization: Bearer <token>');
  }
  if (!isAllowedOrigin(headers, allowed)) {
    return refusal('FORBIDDEN', 'this origin may not use the relay; start it with --allow-origin to allow it');
  }
  return null;
};
