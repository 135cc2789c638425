import type { HttpReply } from '../platform/http.ts';
import { decodeEvent, type Page } from './public-body.ts';

/** How a page stands to the relay. */
export type Link =
  /** Not heard of yet. */
  | { readonly type: 'connecting' }
  /** Changes come as they happen. */
  | { readonly type: 'live' }
  /** The relay answers, but gives no feed: asked again and again instead. */
  | { readonly type: 'polling' }
  /** No answer; tried again by itself. */
  | { readonly type: 'lost' }
  /** The results are official: they do not change any more. */
  | { readonly type: 'final' }
  /** There is no such event, or it is not published any more. */
  | { readonly type: 'unknown' };

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * Pause before the next try: up to 1 s, doubling up to 30 s, any part of it by chance, so that thousands of
 * phones that lost the relay together do not come back together.
 */
export const retryAfter = (failures: number, random: number): number =>
  Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10)) * random);

/** What to do once a socket is closed. */
export type CloseStep =
  /** The feed worked: come back. */
  | { readonly type: 'return' }
  /** Browsers do not tell why an upgrade was refused, nor that an event has ended: ask over HTTP. */
  | { readonly type: 'ask' }
  | { readonly type: 'unknown' };

/** By what stands in the contract: 1000 official, 4404 not published, 1001 and all else come again. */
export const afterClose = (code: number, wasLive: boolean): CloseStep => {
  if (code === 4404) return { type: 'unknown' };
  return wasLive && code !== 1000 ? { type: 'return' } : { type: 'ask' };
};

/** What the event's own answer says about a feed that was refused or ended. */
export const afterAsked = (reply: HttpReply): Link => {
  if (reply.type === 'refused' && reply.status === 404) return { type: 'unknown' };
  const event = reply.type === 'ok' ? decodeEvent(reply.body) : null;
  if (event === null) return { type: 'lost' };
  return { type: event.status === 'official' ? 'final' : 'polling' };
};

/** Whether a feed that has been quiet still tells all. */
export type QuietStep =
  | { readonly type: 'confirmed' }
  /** The relay is further than what was heard: unless it comes at once, the feed is frozen. */
  | { readonly type: 'behind'; readonly version: number }
  | { readonly type: 'lost' };

/** `page`: any list's answer, asked for while the feed was quiet. */
export const afterQuiet = (
  held: { readonly hub: string; readonly version: number },
  page: Pick<Page<unknown>, 'hub' | 'version'> | null,
): QuietStep => {
  if (page === null) return { type: 'lost' };
  if (page.hub === null || page.version === null) return { type: 'confirmed' };
  if (page.hub !== held.hub) return { type: 'lost' };
  return page.version > held.version ? { type: 'behind', version: page.version } : { type: 'confirmed' };
};
