import type { Timer } from '@baton/schema/ports';
import type { ReaderStatus } from '@baton/schema/protocol';
import type { ConnectionDeps } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { HeartbeatFields } from '../connection/sync-session.ts';
import { type AskIdentity, type OwnIdentity, searchIdentity } from '../http/own-identity.ts';
import { createCommitQueue, type JournalPressure } from './commit-queue.ts';
import type { Journal } from './journal.ts';
import { startPruning } from './pruner.ts';
import type { ReaderClientDeps } from './reader-client.ts';
import { backlogOf, openReaders, type ReaderTarget } from './reader-pool.ts';
import { openRelaySession, type RelaySession } from './relay-session.ts';
import { currentEpoch } from './stream-log.ts';
import { createStreams } from './streams.ts';

export interface ForwarderDeps extends ConnectionDeps, ReaderClientDeps {
  /** Asked only while the journal does not know. */
  readonly ask: AskIdentity;
  /** Opened; the forwarder closes it. */
  readonly journal: Journal;
}

export interface ForwarderOptions {
  /** Base address of the relay. */
  readonly relay: string;
  readonly token: string;
  readonly readers: readonly ReaderTarget[];
  /** Acked reads are kept this long. */
  readonly retentionMs: number;
  /** The journal broke: the forwarder can keep no promise any more, the process must end. */
  readonly onFailed: (message: string) => void;
}

export interface ReaderReport extends ReaderStatus {
  readonly epoch: number;
  /** Reads journalled and not acked. */
  readonly backlog: number;
}

export interface ForwarderStatus {
  readonly connection: ConnectionState['type'];
  readonly fenced: boolean;
  /** The event asks for a later version: reads are journalled and not taken by the relay. */
  readonly readOnly: boolean;
  readonly pressure: JournalPressure['type'];
  readonly readers: readonly ReaderReport[];
}

export interface Forwarder {
  readonly status: () => ForwarderStatus;
  /** Stops reading, puts what was read on disk, detaches. Resolves within 4 s; idempotent. */
  readonly stop: () => Promise<void>;
}

const STATUS_LOG_MS = 60_000;
const DRAIN_MS = 3000;

/**
 * Reads of one or more readers, from TCP to the relay: each on disk before it is sent, and kept until it is
 * acked and old. Works without a relay, and even before it has ever reached one.
 */
export const createForwarder = (deps: ForwarderDeps, options: ForwarderOptions): Forwarder => {
  const { journal, timers, log } = deps;
  let session: RelaySession | null = null;
  let pressure: JournalPressure['type'] = 'flowing';
  let stopped: Promise<void> | null = null;

  const fail = (error: unknown): void => options.onFailed(error instanceof Error ? error.message : String(error));

  const queue = createCommitQueue(deps, {
    onPressure: ({ type }) => {
      pressure = type;
      readers.setPaused(type !== 'flowing');
      session?.tellStatus();
    },
    onFailed: fail,
  });
  const streams = createStreams({ queue, timers, onDurable: () => session?.wake() }, journal.opened);
  const readers = openReaders({ ...deps, streams }, options.readers, () => session?.tellStatus());

  const heartbeat = (): HeartbeatFields => {
    const well = pressure !== 'full' && readers.allConnected();
    return { health: well ? 'online' : 'degraded', readers: [...readers.statuses()] };
  };

  const attach = (identity: OwnIdentity): void => {
    const { relay, token } = options;
    session = openRelaySession(
      { ...deps, queue, streams },
      { relay, token, identity, readers: readers.names, heartbeat, onFailed: fail },
    );
  };

  const known = journal.opened.identity;
  const onKnown = (identity: OwnIdentity): void =>
    queue.add([{ type: 'setIdentity', identity }], () => attach(identity));
  const stopSearch = known === null ? searchIdentity(deps, onKnown) : () => {};
  if (known !== null) attach(known);
  const stopPruning = startPruning({ ...deps, queue, streams }, options.retentionMs);

  const reports = (): ReaderReport[] =>
    readers.statuses().map((it) => {
      const stream = streams.get(it.reader);
      return { ...it, epoch: currentEpoch(stream).epoch, backlog: backlogOf(stream) };
    });

  const statusLog: Timer = timers.every(STATUS_LOG_MS, () => {
    for (const report of reports()) log.info('reader', { ...report });
    if (session?.isReadOnly()) {
      log.error('nothing is sent: the event asks for a later version of Baton; update this one');
    }
    const state = session?.state();
    if (state?.type !== 'stopped') return;
    log.error('nothing is sent: the relay refuses this session for good; reads stay in the journal', { ...state });
  });

  const stop = async (): Promise<void> => {
    statusLog.clear();
    stopSearch();
    stopPruning();
    readers.close();
    streams.flushAcks();
    const left = await queue.close(DRAIN_MS);
    if (left > 0) log.error('these reads did not reach the disk; only the reader still has them', { lines: left });
    session?.close();
    await journal.close();
  };

  return {
    status: () => ({
      connection: session?.state().type ?? 'offline',
      fenced: session?.isFenced() ?? false,
      readOnly: session?.isReadOnly() ?? false,
      pressure,
      readers: reports(),
    }),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};
