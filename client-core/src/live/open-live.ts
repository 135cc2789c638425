import { err, ok, type Result } from '@baton/schema/result';
import { checkNames, type Projection } from './consumer.ts';
import { createPerform, type RetryOutcome, retryLetter } from './dispatcher.ts';
import { type Following, type LiveHandle, startFollowing } from './follow.ts';
import { DEFAULT_LIVE_CONFIG, type LiveDeps, type LiveOptions } from './live-config.ts';
import { type LoadedRunners, loadRunners } from './load-runners.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createPulls } from './pulls.ts';
import type { Reporter } from './runner.ts';
import type { SourceFailure } from './source.ts';
import type { DeadLetter, StoreFailure } from './store.ts';

export interface AlreadyStarted {
  readonly type: 'already-started';
  readonly message: string;
}

export type StartFailure = AlreadyStarted | StoreFailure;

/** Folds and reactions over a source of reads and documents. */
export interface Live {
  /** Catches up on call, apart from what runs live. */
  readonly projection: <S>(projection: Projection<S>) => Promise<Result<S, SourceFailure>>;
  /** The live state as it is; before it has caught up once, or where nothing runs, the same as `projection`. */
  readonly liveProjection: <S>(projection: Projection<S>) => Promise<Result<S, SourceFailure>>;
  /** Begins to follow; never by itself. It may be begun again once it has been shut down. */
  readonly startLive: () => Promise<Result<LiveHandle, StartFailure>>;
  /** Of one manager, or of all; oldest first. */
  readonly deadLetters: (manager?: string) => Promise<Result<readonly DeadLetter[], StoreFailure>>;
  /** Runs a command once more; the letter goes once it ran. */
  readonly retryDeadLetter: (manager: string, key: string, signal?: AbortSignal) => Promise<RetryOutcome>;
  /** False: there was none. */
  readonly dropDeadLetter: (manager: string, key: string) => Promise<Result<boolean, StoreFailure>>;
  /** Shuts down what runs, then closes source and store. */
  readonly close: () => Promise<void>;
}

/** From `startLive` to the end of `shutdown`. */
interface Run {
  following: Following | null;
  loaded: LoadedRunners | null;
  started: Promise<Result<LiveHandle, StartFailure>>;
}

const ALREADY: AlreadyStarted = {
  type: 'already-started',
  message: 'it runs already; shut it down before it is started again',
};

/**
 * Catch-up, live following, checkpoints, reconnection and dead letters for folds and reactions. Nothing runs until `startLive`,
 * or until a projection is asked for.
 */
export const openLive = (deps: LiveDeps, options: LiveOptions): Live => {
  const { log } = deps;
  const { source, checkpoints: store, projections = [], processManagers = [] } = options;
  checkNames([...projections, ...processManagers].map(({ name }) => name));
  const config = { ...DEFAULT_LIVE_CONFIG, ...options.liveConfig };
  const dispatchers = new Map(
    Object.entries(options.dispatchers ?? {}).map(([type, dispatch]) => [type, oneAtATime(dispatch)]),
  );
  const { commandAttempts: attempts, commandBackoff: backoff } = config;
  const perform = createPerform({ ...deps, store, dispatchers }, { attempts, backoff });
  const pulls = createPulls(source, log);
  let run: Run | null = null;

  const reporterOf = (mine: Run): Reporter => ({
    onSkipped: (consumer, item, cause) =>
      log.error('a consumer threw; the item is skipped', { consumer, item, cause: String(cause) }),
    onGap: (consumer, message) => {
      log.error('reads came out of order; the subscription is begun again', { consumer, message });
      mine.following?.restart(message);
    },
  });

  const endOf = (mine: Run, following: Following): LiveHandle => ({
    ...following,
    shutdown: async () => {
      const saved = await following.shutdown();
      if (run === mine) run = null;
      return saved;
    },
  });

  const begin = async (mine: Run): Promise<Result<LiveHandle, StartFailure>> => {
    const isLive = (): boolean => mine.following?.isCaughtUp() ?? false;
    const loaded = await loadRunners({ ...deps, reporter: reporterOf(mine), perform, isLive }, options);
    if (!loaded.ok) {
      run = null;
      return loaded;
    }
    mine.loaded = loaded.value;
    mine.following = startFollowing(deps, options, config, loaded.value.all);
    return ok(endOf(mine, mine.following));
  };

  const startLive = (): Promise<Result<LiveHandle, StartFailure>> => {
    if (run !== null) return Promise.resolve(err(ALREADY));
    const mine: Run = { following: null, loaded: null, started: Promise.resolve(err(ALREADY)) };
    run = mine;
    mine.started = begin(mine);
    return mine.started;
  };

  const liveProjection = <S>(projection: Projection<S>): Promise<Result<S, SourceFailure>> => {
    const runner = run?.following?.hasCaughtUp()
      ? run.loaded?.projections.get(projection as Projection<unknown>)
      : undefined;
    // found by the projection itself, so the state is that projection's
    return runner === undefined ? pulls.pull(projection) : Promise.resolve(ok(runner.state() as S));
  };

  return {
    projection: pulls.pull,
    liveProjection,
    startLive,
    deadLetters: store.letters,
    retryDeadLetter: (manager, key, signal) => retryLetter(store, dispatchers, manager, key, signal),
    dropDeadLetter: store.dropLetter,
    close: async () => {
      const started = await run?.started;
      if (started?.ok) await started.value.shutdown();
      await source.close();
      await store.close();
    },
  };
};
