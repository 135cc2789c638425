import type { EventId } from '@baton/schema/ids';
import {
  CLIENT_VERSION,
  type DownMessage,
  isPermanentClose,
  type ReadsFrame,
  type UpMessageInput,
} from '@baton/schema/protocol';
import { clockToJson, decodeBatch, readsOfBatch, type VectorClock } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import { type Selection, sameSelection } from '@baton/schema/selection';
import { openSession, type SessionDeps } from '../../connection/sync-session.ts';
import type { SetupItem } from '../consumer.ts';
import type { SourceEvents, SourceFailure, SourceSubscription } from '../source.ts';
import type { EventDocuments } from './event-documents.ts';
import { runsOfBatch } from './pulled-runs.ts';

export interface RelaySubscriptionOptions {
  /** Of the relay's `/sync`. */
  readonly url: string;
  readonly token: string;
  readonly eventId: EventId;
  /** Reads that may be under way at once. */
  readonly window: number;
  /** How often `selectionNow` is asked again, in ms. */
  readonly lookMs: number;
}

export interface RelaySubscriptionDeps extends SessionDeps {
  readonly selectionNow: () => Promise<Result<Selection, SourceFailure>>;
  /** Null: no documents are told. */
  readonly documents: EventDocuments | null;
}

const HANDSHAKE_MS = 10_000;
const SILENT_HEARTBEATS = 3;

/** One session, without an attachment, from the consumers' minimum clock on. */
export const subscribeToRelay = (
  deps: RelaySubscriptionDeps,
  options: RelaySubscriptionOptions,
  from: VectorClock,
  events: SourceEvents,
): SourceSubscription => {
  const { timers, documents, selectionNow } = deps;
  const { window } = options;
  let over = false;
  let setupTold = documents === null;
  let welcomed = false;
  let readsTold = false;
  let asked: Selection | null = null;
  let owed = 0;

  const send = (message: UpMessageInput): void => session.send(JSON.stringify(message));

  const end = (reason: string, permanent: boolean): void => {
    if (over) return;
    leave();
    events.onEnd({ reason, permanent });
  };

  const leave = (): void => {
    over = true;
    looking.clear();
    stopDocs();
    session.leave(false);
  };

  /** Once both planes have told what there was; again after a selection that grew. */
  const mark = (): void => {
    if (!over && setupTold && readsTold) events.onCaughtUp();
  };

  /** Asks for what it wants now, if that is something else than before; the clock is what consumers have been told. */
  const ask = async (): Promise<void> => {
    const selection = await selectionNow();
    if (over || (asked !== null && selection.ok && sameSelection(asked, selection.value))) return;
    if (!selection.ok) return asked === null ? end(selection.error.message, false) : undefined;
    asked = selection.value;
    send({ type: 'select', selection: selection.value, clock: clockToJson(told) });
  };

  const told = new Map(from);

  /** Setup comes before the first read: a consumer that judges reads by it would judge them by nothing. */
  const begin = (): void => {
    if (welcomed && setupTold) void ask();
  };

  const giveBack = (count: number): void => {
    owed += count;
    if (over || owed < window / 4) return;
    send({ type: 'credit', reads: owed });
    owed = 0;
  };

  const takeReads = (frame: ReadsFrame): void => {
    const batch = decodeBatch(frame.batch);
    if (!batch.ok) return end(`the relay sent a malformed batch: ${batch.error.message}`, false);
    for (const run of runsOfBatch(frame, readsOfBatch(batch.value, frame.firstSeq), told)) {
      events.onReads(run, () => giveBack(run.reads.length));
      if (over) return;
    }
  };

  const takeMessage = (message: DownMessage): void => {
    if (message.type === 'caughtUp') {
      readsTold = true;
      mark();
    } else if (message.type === 'error' && message.error.code === 'UNKNOWN_RACE') end(message.error.message, false);
  };

  const session = openSession(
    deps,
    {
      target: { url: options.url, token: options.token },
      handshakeMs: HANDSHAKE_MS,
      silentHeartbeats: SILENT_HEARTBEATS,
      heartbeat: () => ({}),
    },
    {
      onOpened: () => session.sayHello({ eventId: options.eventId, clientVersion: CLIENT_VERSION }),
      onWelcome: () => {
        send({ type: 'credit', reads: window });
        welcomed = true;
        begin();
      },
      onMessage: takeMessage,
      onReads: takeReads,
      onHealthy: () => {},
      onClosed: (code, reason) => end(reason, isPermanentClose(code)),
      onBroken: (reason) => end(reason, false),
    },
  );
  const looking = timers.every(options.lookMs, () => {
    if (asked !== null) void ask();
  });
  const takeSetup = (setup: SetupItem): void => {
    events.onSetup(setup);
    const first = !setupTold;
    setupTold = true;
    if (first) begin();
  };
  const stopDocs = documents?.follow(takeSetup, (reason) => end(reason, true)) ?? (() => {});

  return {
    close: () => {
      if (!over) leave();
    },
  };
};
