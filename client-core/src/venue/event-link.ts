import type { RelayAddress } from '@baton/schema/command';
import { rosterDocName, setupDocName } from '@baton/schema/doc';
import { type StreamBody, StreamList } from '@baton/schema/http';
import type { EventId, NodeId, StreamId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import { AnnouncedStreams, OpenedEpoch } from '@baton/schema/protocol';
import { backoffDelay } from '../connection/backoff.ts';
import type { ConnectionDeps } from '../connection/connection.ts';
import { describeApiError } from '../http/describe-error.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { type DocBridge, openDocBridge } from './doc-bridge.ts';
import { createEventRecord, type RecordMemory } from './event-record.ts';
import { type BySide, otherSide, SIDES, type Side } from './link-state.ts';
import { createReadsLink } from './reads-link.ts';
import { missingAt, type StreamLists } from './stream-words.ts';

export interface EventLinkDeps extends ConnectionDeps {
  readonly apis: BySide<RelayApi>;
  readonly memory: RecordMemory;
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
  /** Both relays are attached, and each holds what the other does. */
  readonly isInStep: () => boolean;
  readonly close: () => void;
}

/** A relay's list names at most so many streams in one announcement. */
const MAX_ANNOUNCED = 1000;

export const openEventLink = (deps: EventLinkDeps, options: EventLinkOptions): EventLink => {
  const { apis, log, timers, random } = deps;
  const { relays, eventId, nodeId, lookMs } = options;
  const record = createEventRecord(deps, eventId);
  /** Commands that the other relay has not taken over yet. */
  const commands = new Map<StreamId, { readonly from: Side; readonly epoch: number }>();
  let documents: readonly DocBridge[] = [];
  let timer: Timer | null = null;
  let failures = 0;
  let isClosed = false;
  let isLooking = false;

  const isInStep = (): boolean =>
    reads.isInStep() && documents.length > 0 && documents.every((document) => document.isInStep());

  const warn = (message: string, cause: string): void => log.warn(message, { eventId, cause });

  const listAt = async (side: Side): Promise<readonly StreamBody[] | null> => {
    const listed = await apis[side].call('GET', `/streams?eventId=${encodeURIComponent(eventId)}`, StreamList);
    if (!listed.ok) warn('the streams of a relay are not known right now', describeApiError(listed.error));
    return listed.ok ? listed.value.streams : null;
  };

  const listBoth = async (): Promise<StreamLists | null> => {
    const [here, there] = await Promise.all([listAt('here'), listAt('there')]);
    return here === null || there === null ? null : { here, there };
  };

  /** Whether something was announced: then the lists are of yesterday. */
  const announce = async (lists: StreamLists): Promise<boolean> => {
    let isNew = false;
    for (const side of SIDES) {
      const missing = missingAt(side, lists).slice(0, MAX_ANNOUNCED);
      if (missing.length === 0) continue;
      const streams = missing.map(({ forwarderId, reader }) => ({ forwarderId, reader }));
      const told = await apis[side].call('POST', `/events/${encodeURIComponent(eventId)}/streams`, AnnouncedStreams, { streams });
      if (told.ok) isNew = true;
      else warn('a relay does not take the streams of the other', describeApiError(told.error));
    }
    return isNew;
  };

  /** Has the relay where the forwarder is open the epoch; it keeps the command from then on. */
  const follow = async (streamId: StreamId): Promise<void> => {
    const command = commands.get(streamId);
    if (command === undefined) return;
    const { from, epoch } = command;
    const path = `/streams/${encodeURIComponent(streamId)}/epochs/${epoch}/open`;
    const opened = await apis[otherSide(from)].call('POST', path, OpenedEpoch);
    if (!opened.ok) return warn('a command could not be passed on; it is tried again', describeApiError(opened.error));
    if (commands.get(streamId) === command) commands.delete(streamId);
    reads.confirm(from, streamId, opened.value.epoch);
  };

  const lookAtStreams = async (): Promise<void> => {
    for (const streamId of [...commands.keys()]) await follow(streamId);
    const first = await listBoth();
    const lists = first !== null && (await announce(first)) ? await listBoth() : first;
    if (lists !== null && !isClosed) reads.look(lists);
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
      commands.set(streamId, { from, epoch });
      follow(streamId).catch((error: unknown) => warn('a command could not be passed on', String(error)));
    },
  });

  const close = (): void => {
    isClosed = true;
    timer?.clear();
    closeDocuments();
    reads.close();
  };

  lookSafely();
  return { isInStep, close };
};
