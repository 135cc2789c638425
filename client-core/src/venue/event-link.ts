import type { RelayAddress } from '@baton/schema/command';
import { rosterDocName, setupDocName } from '@baton/schema/doc';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import { backoffDelay } from '../connection/backoff.ts';
import type { ConnectionDeps } from '../connection/connection.ts';
import type { FollowDoc } from '../doc/doc-client.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { createCommandPassing } from './command-passing.ts';
import { createConflictAlarms } from './conflict-alarms.ts';
import { type DocBridge, openDocBridge } from './doc-bridge.ts';
import { createEventRecord, type RecordMemory } from './event-record.ts';
import type { BySide } from './link-state.ts';
import { createReadsLink } from './reads-link.ts';
import { createStreamListing } from './stream-lists.ts';

export interface EventLinkDeps extends ConnectionDeps {
  readonly apis: BySide<RelayApi>;
  readonly memory: RecordMemory;
  /** Opens documents of the relay here. */
  readonly followDoc: FollowDoc;
}

export interface EventLinkOptions {
  readonly relays: BySide<RelayAddress>;
  readonly eventId: EventId;
  readonly nodeId: NodeId;
  /** How often streams and the record are compared while both relays are attached. */
  readonly lookMs: number;
}

/** One event, kept the same at two relays. */
export interface EventLink {
  /** Both relays are attached, and each holds just what the other does. */
  readonly isInStep: () => boolean;
  readonly close: () => void;
}

export const openEventLink = (deps: EventLinkDeps, options: EventLinkOptions): EventLink => {
  const { apis, log, timers, random } = deps;
  const { relays, eventId, nodeId, lookMs } = options;
  const record = createEventRecord(deps, eventId);
  let documents: readonly DocBridge[] = [];
  let timer: Timer | null = null;
  let failures = 0;
  let isClosed = false;
  let isLooking = false;

  /** Relays that hold different reads would freeze different results. */
  const isInStep = (): boolean =>
    reads.isInStep() &&
    reads.report().conflicts.length === 0 &&
    documents.length > 0 &&
    documents.every((document) => document.isInStep());

  const warn = (message: string, cause: string): void => log.warn(message, { eventId, cause });
  const alarms = createConflictAlarms(deps, eventId);
  const listStreams = createStreamListing(apis, eventId, warn);
  const commands = createCommandPassing(apis, (at, streamId, epoch) => reads.confirm(at, streamId, epoch), warn);

  const lookAtStreams = async (): Promise<void> => {
    await commands.retry();
    const lists = await listStreams();
    if (lists === null || isClosed) return;
    reads.look(lists);
    alarms.settle(reads.report());
  };

  /** Null: this event is not linked any more. Else how long to wait. */
  const lookOnce = async (): Promise<number | null> => {
    const outcome = await record.look(isInStep());
    if (outcome.type === 'gone') {
      log.error('the event was deleted at one relay: it is not linked any more, and stays at the other', { eventId });
      return null;
    }
    if (outcome.type === 'failed') {
      warn('the event cannot be compared right now', outcome.message);
      return lookMs + backoffDelay(failures++, random.next());
    }
    failures = 0;
    reads.connect();
    if (reads.isJoined()) await lookAtStreams();
    return lookMs;
  };

  const look = async (): Promise<void> => {
    if (isLooking || isClosed) return;
    isLooking = true;
    timer?.clear();
    const next = await lookOnce();
    isLooking = false;
    if (next === null) close();
    else if (!isClosed) timer = timers.after(next, lookSafely);
  };

  const lookSafely = (): void => {
    look().catch((error: unknown) => {
      isLooking = false;
      log.error('the link failed', { eventId, cause: error instanceof Error ? (error.stack ?? '') : String(error) });
      if (!isClosed) timer = timers.after(lookMs + backoffDelay(failures++, random.next()), lookSafely);
    });
  };

  const closeDocuments = (): void => {
    for (const document of documents) document.close();
    documents = [];
  };

  const reads = createReadsLink(deps, {
    relays,
    eventId,
    nodeId,
    onJoined: () => {
      closeDocuments();
      documents = [setupDocName(eventId), rosterDocName(eventId)].map((name) => openDocBridge(deps, name, relays));
      lookSafely();
    },
    onLeft: closeDocuments,
    onCommand: (from, streamId, epoch) => {
      commands.take(from, streamId, epoch).catch((error: unknown) => warn('a command got lost', String(error)));
    },
  });

  const close = (): void => {
    isClosed = true;
    timer?.clear();
    closeDocuments();
    alarms.close();
    reads.close();
  };

  lookSafely();
  return { isInStep, close };
};
