import type { Timer } from '@baton/schema/ports';
import { minimumClock, type VectorClock } from '@baton/schema/reads';
import { ok, type Result } from '@baton/schema/result';
import type { ReadRun } from './consumer.ts';
import type { LiveConfig, LiveDeps, LiveOptions } from './live-config.ts';
import { type LiveEffect, type LiveInput, type LiveState, stepLive } from './live-state.ts';
import { saveRunners } from './load-runners.ts';
import { type ConsumerStatus, itemsOf, type Runner } from './runner.ts';
import type { SourceSubscription } from './source.ts';
import type { StoreFailure } from './store.ts';

/** Where the shared subscription stands. */
export interface LivePosition {
  /** What all consumers have taken in. */
  readonly clock: VectorClock;
  readonly caughtUp: boolean;
}

export interface LiveStatus {
  readonly state: LiveState;
  readonly consumers: readonly ConsumerStatus[];
}

export interface LiveHandle {
  /** Ends the subscription, finishes the item under way, saves everything. Again, or from elsewhere: the same end. */
  readonly shutdown: () => Promise<Result<void, StoreFailure>>;
  /** Whether all history has been told and taken in, and the subscription still stands. */
  readonly isCaughtUp: () => boolean;
  /** After changes of the position, joined over a turn of the event loop. Returns the way to stop. */
  readonly subscribe: (listener: (position: LivePosition) => void) => () => void;
  readonly status: () => LiveStatus;
}

/** A life of the subscription. */
export interface Following extends LiveHandle {
  /** Reads came out of order: the subscription is begun again. */
  readonly restart: (reason: string) => void;
  /** It has been caught up at least once. */
  readonly hasCaughtUp: () => boolean;
}

/** Tells listeners of the position, at most once a turn. */
const createTelling = (deps: LiveDeps, position: () => LivePosition) => {
  const listeners = new Set<(position: LivePosition) => void>();
  let due: Timer | null = null;
  return {
    add: (listener: (position: LivePosition) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    soon: (): void => {
      if (listeners.size === 0) return;
      due ??= deps.timers.after(0, () => {
        due = null;
        const now = position();
        for (const listener of listeners) listener(now);
      });
    },
    stop: (): void => due?.clear(),
  };
};

/** Follows from now until `shutdown`. */
export const startFollowing = (
  deps: LiveDeps,
  { source, checkpoints }: Pick<LiveOptions, 'source' | 'checkpoints'>,
  config: LiveConfig,
  runners: readonly Runner[],
): Following => {
  const { timers, random, log } = deps;
  let state: LiveState = { type: 'idle' };
  let everCaughtUp = false;
  let subscription: SourceSubscription | null = null;
  let retry: Timer | null = null;
  let saving: Promise<Result<void, StoreFailure>> = Promise.resolve(ok(undefined));
  let ending: Promise<Result<void, StoreFailure>> | null = null;

  const clock = (): VectorClock => minimumClock(runners.map((it) => it.clock()));
  const isCaughtUp = (): boolean => state.type === 'following' && state.caughtUp;
  const telling = createTelling(deps, () => ({ clock: clock(), caughtUp: isCaughtUp() }));

  const save = (): Promise<Result<void, StoreFailure>> => {
    saving = saving.then(() => saveRunners(checkpoints, log, runners));
    return saving;
  };

  const apply = (input: LiveInput): void => {
    const step = stepLive(state, input, config.reconnect);
    if (step.state === state) return;
    state = step.state;
    everCaughtUp ||= isCaughtUp();
    if (state.type === 'waiting') log.warn('the subscription ended; it is begun again', { reason: state.reason });
    if (state.type === 'refused') log.error('the subscription is refused for good', { reason: state.reason });
    for (const effect of step.effects) perform(effect);
    telling.soon();
  };

  /** What was told and not begun is forgotten: it lies behind the consumers' clocks and will be told again. */
  const leave = (): void => {
    subscription?.close();
    subscription = null;
    for (const runner of runners) runner.clear();
  };

  const end = (session: number, reason: string, permanent: boolean): void => {
    if (state.type !== 'following' || state.session !== session) return;
    leave();
    apply({ type: 'ended', session, reason, permanent, random: random.next() });
  };

  const share = (run: ReadRun, done: () => void): void => {
    let left = runners.length;
    if (left === 0) return done();
    const taken = (): void => {
      left--;
      if (left > 0) return;
      done();
      telling.soon();
    };
    const items = itemsOf(run);
    for (const runner of runners) runner.takeReads(items, taken);
  };

  const markCaughtUp = async (session: number): Promise<void> => {
    await Promise.all(runners.map((it) => it.drained()));
    apply({ type: 'caughtUp', session });
  };

  const subscribe = (session: number): void => {
    subscription = source.subscribe(clock(), {
      onReads: share,
      onSetup: (setup) => {
        for (const runner of runners) runner.takeSetup(setup);
      },
      onCaughtUp: () => void markCaughtUp(session),
      onEnd: ({ reason, permanent }) => end(session, reason, permanent),
    });
  };

  const perform = (effect: LiveEffect): void => {
    switch (effect.type) {
      case 'subscribe':
        return subscribe(effect.session);
      case 'unsubscribe':
        retry?.clear();
        return leave();
      case 'saveAll':
        void save();
        return;
      case 'retryAfter':
        retry = timers.after(effect.ms, () => apply({ type: 'retryDue', session: effect.session }));
    }
  };

  const everyCheckpoint = timers.every(config.checkpointMs, () => void save());

  const finish = async (): Promise<Result<void, StoreFailure>> => {
    apply({ type: 'shutdown' });
    everyCheckpoint.clear();
    telling.stop();
    await Promise.all(runners.map((it) => it.stop()));
    return save();
  };

  apply({ type: 'start' });
  return {
    shutdown: () => {
      ending ??= finish();
      return ending;
    },
    isCaughtUp,
    subscribe: telling.add,
    status: () => ({ state, consumers: runners.map((it) => it.status()) }),
    restart: (reason) => {
      if (state.type === 'following') end(state.session, reason, false);
    },
    hasCaughtUp: () => everCaughtUp,
  };
};
