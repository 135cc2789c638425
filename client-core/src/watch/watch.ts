import { err, ok, type Result } from '@baton/schema/result';
import { isTimezone } from '@baton/schema/results';
import type { OpenSocket } from '../connection/socket.ts';
import type { RelayApi } from '../http/relay-api.ts';
import type { WatchedEvent } from '../live/managers/course.ts';
import { shippedManagers } from '../live/managers/shipped.ts';
import { openLive } from '../live/open-live.ts';
import { createRelaySource } from '../live/sources/relay-source.ts';
import { openSqliteStore } from '../live/stores/sqlite-store.ts';
import { serveRetries } from './retry-box.ts';
import { retriesPath, storePath } from './watch-directory.ts';
import { followAs, type WatchPorts, type WatchRelay, watchDispatchers } from './watch-dispatchers.ts';

export interface WatchDeps extends WatchPorts {
  readonly openSocket: OpenSocket;
  readonly api: RelayApi;
}

export interface WatchOptions extends WatchRelay {
  readonly event: WatchedEvent;
  /** Exists, and is this process's own. */
  readonly dataDir: string;
  /** Signs webhooks; null: they are not signed. */
  readonly webhookSecret: string | null;
}

export interface Watch {
  /** Resolves when the relay refuses it for good, with the reason. */
  readonly refused: Promise<string>;
  readonly close: () => Promise<void>;
}

export interface WatchFailure {
  readonly type: 'watch-failed';
  readonly message: string;
}

const failed = (message: string): Result<never, WatchFailure> => err({ type: 'watch-failed', message });

/** A zone that this machine does not know makes no results either; times are then those of UTC. */
const soundEvent = (event: WatchedEvent): WatchedEvent =>
  isTimezone(event.timezone) ? event : { ...event, timezone: 'UTC' };

/** Runs the shipped process managers over the event's reads and documents, from their checkpoints on. */
export const openWatch = async (deps: WatchDeps, options: WatchOptions): Promise<Result<Watch, WatchFailure>> => {
  const { log } = deps;
  const { relay, token, dataDir } = options;
  const event = soundEvent(options.event);
  const store = openSqliteStore(storePath(dataDir));
  if (!store.ok) return failed(store.error.message);
  const access = { relay, token, eventId: event.eventId };
  const dispatchers = watchDispatchers(deps, access, options.webhookSecret);
  const live = openLive(deps, {
    source: createRelaySource({ ...deps, followDoc: followAs(deps, access) }, { ...access, selection: 'event' }),
    processManagers: shippedManagers(event),
    checkpoints: store.value,
    dispatchers: dispatchers.byType,
  });
  const close = async (): Promise<void> => {
    await live.close();
    dispatchers.close();
  };
  const started = await live.startLive();
  if (!started.ok) {
    await close();
    return failed(started.error.message);
  }
  const handle = started.value;
  const refused = new Promise<string>((resolve) => {
    let wasCaughtUp = false;
    handle.subscribe(({ caughtUp }) => {
      const { state } = handle.status();
      if (state.type === 'refused') resolve(state.reason);
      if (caughtUp !== wasCaughtUp) log.info(caughtUp ? 'caught up' : 'no longer caught up');
      wasCaughtUp = caughtUp;
    });
  });
  const ending = new AbortController();
  const retries = await serveRetries(deps, retriesPath(dataDir), ({ manager, key }) =>
    live.retryDeadLetter(manager, key, ending.signal),
  );
  return ok({
    refused,
    close: async () => {
      ending.abort();
      await retries.close();
      await close();
    },
  });
};
