import {
  type Connection,
  type ConnectionHandlers,
  type ConnectionState,
  createPullClient,
  type OwnerWork,
  type PullClient,
  type PullStatus,
  pullTuning,
  type Replica,
  type StorageChoice,
} from '@baton/client-core';
import { StreamId } from '@baton/schema/ids';
import type { Clock, Log, Timer, Timers } from '@baton/schema/ports';
import type { Pair } from '@baton/schema/reads';
import { Selection } from '@baton/schema/selection';
import { effect, type ReadonlySignal } from '@preact/signals';

/** What the tab that owns the replica shows of its session to all tabs. */
export interface PullReport {
  readonly status: PullStatus;
  /** Set when the relay refused the session for good: its close code and words. */
  readonly stopped: { readonly code: number; readonly reason: string } | null;
  /** When the relay was last connected, in ms since the Unix epoch; null while it is, and before the first time. */
  readonly lostAt: number | null;
  /** Why the last repair that somebody asked for was not begun; null: it was, or none was asked for. */
  readonly repairProblem: string | null;
}

/** What a tab asks of the one that owns the replica. */
export type DeskCommand =
  | { readonly type: 'connect' }
  /** Chosen by somebody, in whichever tab. */
  | { readonly type: 'select'; readonly selection: Selection }
  /** Drops an epoch that is not what the relay sealed, and pulls it again. */
  | { readonly type: 'repair'; readonly streamId: StreamId; readonly epoch: number };

export interface PullSessionDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly selection: ReadonlySignal<Selection>;
  readonly openConnection: (handlers: ConnectionHandlers) => Connection;
  readonly publish: (report: PullReport) => void;
  readonly onSelected: (selection: Selection) => void;
  /** Keeps the tables of races and runners at what the documents say. */
  readonly syncSetup: (replica: Replica) => { readonly close: () => Promise<void> };
}

/** The status changes with every frame; people read slower. */
const SHOW_MS = 100;

/** Tells how the session stands, at most each 100 ms. */
const createReporter = (deps: PullSessionDeps) => {
  const { clock, timers, publish } = deps;
  let client: PullClient | null = null;
  let stopped: PullReport['stopped'] = null;
  let lostAt: number | null = null;
  let repairProblem: string | null = null;
  let wasLive = false;
  let waiting: Timer | null = null;

  const report = (): void => {
    waiting = null;
    if (client !== null) publish({ status: client.status(), stopped, lostAt, repairProblem });
  };
  const soon = (): void => {
    waiting ??= timers.after(SHOW_MS, report);
  };

  return {
    onConnection: (state: ConnectionState): void => {
      stopped = state.type === 'stopped' ? { code: state.code, reason: state.reason } : null;
      if (state.type === 'live') [wasLive, lostAt] = [true, null];
      else if (wasLive) [wasLive, lostAt] = [false, clock.now()];
      soon();
    },
    follow: (running: PullClient): void => {
      client = running;
      running.onStatus(soon);
      report();
    },
    repaired: (problem: string | null): void => {
      repairProblem = problem;
      soon();
    },
    stop: (): void => waiting?.clear(),
  };
};

const readRepair = (value: object): DeskCommand | null => {
  const streamId = 'streamId' in value ? StreamId.safeParse(value.streamId).data : undefined;
  const epoch = 'epoch' in value && typeof value.epoch === 'number' ? value.epoch : null;
  return streamId === undefined || epoch === null ? null : { type: 'repair', streamId, epoch };
};

const readCommand = (value: unknown): DeskCommand | null => {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  if (value.type === 'connect') return { type: 'connect' };
  if (value.type === 'repair') return readRepair(value);
  const selection = value.type === 'select' && 'selection' in value ? Selection.safeParse(value.selection) : null;
  return selection?.success === true ? { type: 'select', selection: selection.data } : null;
};

/** The session that fills the replica, in the tab that owns it. */
export const beginPullSession = (deps: PullSessionDeps, replica: Replica, storage: StorageChoice): OwnerWork => {
  const reporter = createReporter(deps);
  const setup = deps.syncSetup(replica);
  const openConnection = (handlers: ConnectionHandlers): Connection =>
    deps.openConnection({
      ...handlers,
      onState: (state) => {
        handlers.onState(state);
        reporter.onConnection(state);
      },
    });

  const start = async (): Promise<PullClient> => {
    const options = { selection: deps.selection.peek(), ...pullTuning(storage.mode) };
    const client = await createPullClient({ ...deps, replica, openConnection }, options);
    reporter.follow(client);
    client.connect();
    return client;
  };

  const client = start();
  const repair = async (pair: Pair): Promise<void> => {
    const done = await (await client).repair(pair);
    reporter.repaired(done.ok ? null : done.error.message);
  };
  const stopSelecting = effect(() => {
    const selection = deps.selection.value;
    void client.then((running) => running.select(selection));
  });

  return {
    onCommand: (value) => {
      const command = readCommand(value);
      if (command?.type === 'connect') void client.then((running) => running.connect());
      if (command?.type === 'select') deps.onSelected(command.selection);
      if (command?.type === 'repair') void repair(command);
    },
    end: async () => {
      stopSelecting();
      reporter.stop();
      await Promise.all([setup.close(), client.then((running) => running.close())]);
    },
  };
};
