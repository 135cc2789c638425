import type { FeedCut } from '@baton/schema/feed';
import type { Random, Timer, Timers } from '@baton/schema/ports';
import type { Attention } from '../platform/attention.ts';
import type { OpenFeedSocket } from '../platform/feed-socket.ts';
import type { Http } from '../platform/http.ts';
import { decodeFrame, type FeedFrame, type KnownFrame } from './feed-body.ts';
import { afterAsked, afterClose, type Link, retryAfter } from './feed-link.ts';
import { createQuietCheck, ON_ITS_WAY_MS } from './quiet-check.ts';

export interface FeedConnectionDeps {
  readonly http: Http;
  readonly openSocket: OpenFeedSocket;
  readonly timers: Timers;
  readonly random: Random;
  readonly attention: Attention;
  /** Whether somebody waits for news while the page is hidden. */
  readonly isAwaited: () => boolean;
  /** Of the event: its feed is `/ws` below it. */
  readonly path: string;
  /** Takes a frame in; false: what is held cannot be trusted from here on. */
  readonly take: (frame: KnownFrame, isFirst: boolean) => boolean;
  readonly held: () => FeedCut | null;
  /** Nothing was missed up to now. */
  readonly onConfirmed: () => void;
  readonly onLink: (link: Link) => void;
}

export interface FeedConnection {
  readonly isLive: () => boolean;
  readonly refresh: () => void;
  readonly stop: () => void;
}

/** Longest wait for the first frame. */
const FIRST_FRAME_MS = 15_000;
/** An event that is not there may be published later. */
const UNKNOWN_MS = 30_000;
/** After a doubt, within this: a thousand pages have it at the same moment. */
const DOUBT_MS = 1000;

/** Keeps one socket to an event's feed, and says how the page stands to the relay. */
export const createFeedConnection = (deps: FeedConnectionDeps): FeedConnection => {
  const { timers, random, attention } = deps;
  let socket: { readonly close: () => void } | null = null;
  let isLive = false;
  let isAsking = false;
  let isFinal = false;
  let isInDoubt = false;
  let failures = 0;
  let heardAt = 0;
  let retry: Timer | null = null;
  let patience: Timer | null = null;
  let stopped = false;

  const quiet = createQuietCheck({
    ...deps,
    held: () => (isLive ? deps.held() : null),
    isNeeded: attention.visible,
    onLost: () => closed(1006),
  });

  const letGo = (): void => {
    isInDoubt = false;
    patience?.clear();
    quiet.stop();
    socket?.close();
    socket = null;
    isLive = false;
  };

  const connect = (): void => {
    retry?.clear();
    if (stopped) return;
    letGo();
    socket = deps.openSocket(`${deps.path}/ws`, { onFrame: (text) => hear(decodeFrame(text)), onClose: closed });
    if (socket === null) void ask();
    else patience = timers.after(FIRST_FRAME_MS, () => closed(1006));
  };

  const connectIn = (ms: number): void => {
    retry?.clear();
    retry = timers.after(ms, () => {
      // nobody looks: seen again, the page comes back at once
      if (attention.visible() || deps.isAwaited()) connect();
    });
  };

  const turn = (link: Link): void => {
    isFinal = link.type === 'final';
    deps.onLink(link);
    if (link.type === 'unknown') connectIn(UNKNOWN_MS);
    else if (!isFinal) connectIn(retryAfter(failures++, random.next()));
  };

  const closed = (code: number): void => {
    const step = afterClose(code, isLive);
    letGo();
    if (step.type === 'ask') void ask();
    else turn({ type: step.type === 'unknown' ? 'unknown' : 'lost' });
  };

  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const reply = await deps.http(deps.path);
    isAsking = false;
    // a feed that came up meanwhile knows better
    if (!stopped && !isLive) turn(afterAsked(reply));
  };

  const hear = (frame: FeedFrame): void => {
    if (frame.type === 'unknown' || (isInDoubt && frame.type !== 'full')) return;
    if (!deps.take(frame, !isLive)) return doubt();
    isInDoubt = false;
    heardAt = timers.mono();
    patience?.clear();
    quiet.heard();
    if (isLive) return;
    isLive = true;
    failures = 0;
    retry?.clear();
    deps.onLink({ type: 'live' });
  };

  /** The socket stays: it may still say why, or bring everything anew. */
  const doubt = (): void => {
    isInDoubt = true;
    isLive = false;
    quiet.stop();
    deps.onLink({ type: 'lost' });
    connectIn(Math.round(random.next() * DOUBT_MS));
  };

  const wake = (): void => {
    if (isLive && timers.mono() - heardAt > ON_ITS_WAY_MS) quiet.now();
    if (isLive || isFinal || !attention.visible() || !attention.online()) return;
    failures = 0;
    connect();
  };

  const forget = attention.onChange(wake);
  connect();

  return {
    isLive: () => isLive,
    refresh: () => {
      if (isLive) quiet.now();
      else if (!isFinal) connect();
    },
    stop: () => {
      stopped = true;
      retry?.clear();
      letGo();
      forget();
    },
  };
};
