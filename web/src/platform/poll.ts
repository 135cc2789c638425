import type { Clock, Random, Timer, Timers } from '@baton/schema/ports';
import type { Attention } from './attention.ts';
import type { Http } from './http.ts';
import type { KnownValues } from './known-values.ts';
import { afterReply, type Live, WAITING } from './live.ts';
import { pauseAfter } from './pause-after.ts';

export interface PollDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly attention: Attention;
  /** Where answers are kept for the next time the page opens. */
  readonly kept?: KnownValues;
}

export interface PollPlan<T> {
  readonly path: string;
  /** Null: this page does not understand the body. */
  readonly decode: (body: unknown) => T | null;
  readonly everyMs: number;
  readonly onChange: (live: Live<T>) => void;
  /** What is known already, to be shown until the first answer. */
  readonly known?: Live<T>;
  /** Keep the last answer on the device, and tell at once what is kept there. */
  readonly isKept?: boolean;
}

export interface Poll {
  /** Asks now, unless an answer is awaited already. */
  readonly refresh: () => void;
  readonly stop: () => void;
}

/**
 * Asks again and again while somebody is looking: at once, then `everyMs` after each answer; nothing
 * while the page is hidden; at once when it is seen again or the network comes back. Unchanged
 * bodies cost an ETag.
 */
export const startPoll = <T>(deps: PollDeps, plan: PollPlan<T>): Poll => {
  const kept = plan.isKept === true ? deps.kept : undefined;
  let live: Live<T> = plan.known ?? kept?.recall(plan.path, plan.decode) ?? WAITING;
  let etag: string | null = null;
  let body: unknown = null;
  let failures = 0;
  let awaiting = false;
  let stopped = false;
  let next: Timer | null = null;

  const ask = async (): Promise<void> => {
    next?.clear();
    awaiting = true;
    const reply = await deps.http(plan.path, { etag });
    awaiting = false;
    if (stopped) return;
    if (reply.type === 'ok') ({ etag, body } = reply);
    live = afterReply(live, reply, plan.decode, deps.clock.now());
    failures = live.problem === null ? 0 : failures + 1;
    if (live.problem === null && live.confirmedAt !== null) kept?.keep(plan.path, body, live.confirmedAt);
    plan.onChange(live);
    if (deps.attention.visible()) {
      next = deps.timers.after(pauseAfter(plan.everyMs, failures, deps.random.next()), refresh);
    }
  };

  const refresh = (): void => {
    if (!awaiting && !stopped) void ask();
  };

  const forget = deps.attention.onChange(() => {
    if (deps.attention.visible()) refresh();
    else next?.clear();
  });
  if (plan.known === undefined && live.value !== null) plan.onChange(live);
  refresh();

  return {
    refresh,
    stop: () => {
      stopped = true;
      next?.clear();
      forget();
    },
  };
};
