import type { FeedCut } from '@baton/schema/feed';
import type { Timer, Timers } from '@baton/schema/ports';
import type { Http } from '../platform/http.ts';
import { afterQuiet } from './feed-link.ts';
import { decodeOnCourse } from './public-body.ts';

/** Without a frame for so long, the relay is asked whether the feed still tells all. */
export const QUIET_MS = 20_000;
/** What is on its way may take so long. */
export const ON_ITS_WAY_MS = 2000;

export interface QuietCheck {
  /** A frame came: the next check is a while away. */
  readonly heard: () => void;
  readonly now: () => void;
  readonly stop: () => void;
}

/**
 * A socket says nothing of a network that is gone, and browsers tell pages nothing of pings: only an answer shows that
 * nothing was missed.
 */
export const createQuietCheck = (deps: {
  readonly http: Http;
  readonly timers: Timers;
  readonly path: string;
  /** The cut that is held; null where there is no feed. */
  readonly held: () => FeedCut | null;
  readonly isNeeded: () => boolean;
  readonly onConfirmed: () => void;
  readonly onLost: () => void;
}): QuietCheck => {
  const { timers, held } = deps;
  let next: Timer | null = null;
  /** Answers of a check before the newest frame or socket are about something else. */
  let turn = 0;

  const askIn = (ms: number, run: () => void): void => {
    turn++;
    next?.clear();
    next = timers.after(ms, run);
  };
  const heard = (): void => askIn(QUIET_MS, now);

  const now = (): void => void check();
  const check = async (): Promise<void> => {
    if (!deps.isNeeded()) return heard();
    next?.clear();
    const mine = ++turn;
    const reply = await deps.http(`${deps.path}/oncourse?limit=1`);
    const cut = held();
    if (mine !== turn || cut === null) return;
    const step = afterQuiet(cut, reply.type === 'ok' ? decodeOnCourse(reply.body) : null);
    if (step.type === 'lost') return deps.onLost();
    if (step.type === 'behind') return askIn(ON_ITS_WAY_MS, () => settle(step.version));
    deps.onConfirmed();
    heard();
  };

  const settle = (version: number): void => {
    if ((held()?.version ?? 0) < version) deps.onLost();
    else heard();
  };

  return {
    heard,
    now,
    stop: () => {
      turn++;
      next?.clear();
    },
  };
};
