import type { RelayAddress } from '@baton/schema/command';
import type { LinkedEvent } from '@baton/schema/http';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import { backoffDelay } from '../connection/backoff.ts';
import type { ConnectionDeps } from '../connection/connection.ts';
import type { FollowDoc } from '../doc/doc-client.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { createCommandPassing } from './command-passing.ts';
import { createConflictAlarms } from './conflict-alarms.ts';
import { createEventDocuments } from './event-documents.ts';
import { createEventRecord, type RecordMemory } from './event-record.ts';
import { createLinkedSince, linkedEvent, linkedNow, type SeenStreams } from './link-sight.ts';
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
  readonly sight: () => LinkedEvent;
  readonly close: () => void;
}

export const openEventLink = (deps: EventLinkDeps, options: EventLinkOptions): EventLink => {
  const { apis, log, timers, random } = deps;
  const { relays, eventId, nodeId, lookMs } = options;
  const record = createEventRecord(deps, eventId);
  const documents = createEventDocuments(deps, relays, eventId);
  let timer: Timer | null = null;
  let failures = 0;
  let isClosed = false;
  let isGone = false;
  let failure: string | null = null;
  let seen: SeenStreams = { here: null, there: null };
  let isLooking = false;

  /** Relays that hold different reads would freeze different results. */
  const isInStep = (): boolean => reads.isInStep() && reads.report().conflicts.length === 0 && documents.isInStep();

  const warn = (message: string, cause: string): void => log.warn(message, { eventId, cause });
  const alarms = createConflictAlarms(deps, eventId);
  const listing = createStreamListing(apis, eventId, warn);
  const commands = createCommandPassing(apis, (at, streamId, epoch) => reads.confirm(at, streamId, epoch), warn);

  const lookAtStreams = async (): Promise<void> => {
    await commands.retry();
    const lists = await listing.both();
    if (lists === null || isClosed) return;
    seen = lists;
    reads.look(lists);
    alarms.settle(reads.report());
  };

  /** Without a line, what the other relay will be sent is still to be seen. */
  const lookHere = async (): Promise<void> => {
    seen = { ...seen, here: (await listing.at('here')) ?? seen.here };
  };

  const linked = createLinkedSince(deps.clock);
  const now = () =>
    linked(isGone ? { state: 'ended', cause: null } : linkedNow(reads.isJoined(), reads.session(), failure));

  /** Null: this event is not linked any more. Else how long to wait. */
  const lookOnce = async (): Promise<number | null> => {
    const outcome = await record.look(isInStep());
    failure = outcome.type === 'failed' ? outcome.message : null;
    if (outcome.type === 'gone') {
      isGone = true;
      log.error('the event was deleted at one relay: it is not linked any more, and stays at the other', { eventId });
      return null;
    }
    if (outcome.type === 'failed') {
      await lookHere();
      warn('the event cannot be compared right now', outcome.message);
      return lookMs + backoffDelay(failures++, random.next());
    }
    failures = 0;
    reads.connect();
    await (reads.isJoined() ? lookAtStreams() : lookHere());
    return lookMs;
  };

  const look = async (): Promise<void> => {
    if (isLooking || isClosed) return;
    isLooking = true;
    timer?.clear();
    const next = await lookOnce();
    isLooking = false;
    now(); // since when is noted though nobody asks
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

  const reads = createReadsLink(deps, {
    relays,
    eventId,
    nodeId,
    onJoined: () => {
      documents.open();
      now();
      lookSafely();
    },
    onLeft: () => {
      documents.close();
      now();
    },
    onCommand: (from, streamId, epoch) => {
      commands.take(from, streamId, epoch).catch((error: unknown) => warn('a command got lost', String(error)));
    },
  });

  const close = (): void => {
    isClosed = true;
    timer?.clear();
    documents.close();
    alarms.close();
    reads.close();
  };

  lookSafely();
  const sight = (): LinkedEvent =>
    linkedEvent(eventId, now(), { seen, documents: documents.all(), conflicts: reads.report().conflicts });
  return { isInStep, sight, close };
};
