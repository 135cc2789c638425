import { PullBody, StreamList } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { clockToJson, type VectorClock } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Selection } from '@baton/schema/selection';
import { socketUrl } from '../../connection/relay-url.ts';
import type { SessionDeps } from '../../connection/sync-session.ts';
import type { FollowDoc } from '../../doc/doc-client.ts';
import { describeApiError } from '../../http/describe-error.ts';
import type { RelayApi } from '../../http/relay-api.ts';
import type { ReadRun, SetupItem } from '../consumer.ts';
import type { LiveSource, SourceFailure } from '../source.ts';
import { type EventDocuments, followEventDocuments } from './event-documents.ts';
import { runsOfBatch } from './pulled-runs.ts';
import { subscribeToRelay } from './relay-subscription.ts';

export interface RelaySourceDeps extends SessionDeps {
  readonly api: RelayApi;
  readonly followDoc: FollowDoc;
}

export interface RelaySourceOptions {
  readonly relay: string;
  /** Of an operator, a receiver or a viewer of the event. */
  readonly token: string;
  readonly eventId: EventId;
  /** `event`: all streams of the event, those that come later too. */
  readonly selection: Selection | 'event';
  /** Whether setup and roster are told; a viewer's token may not read the roster. True by default. */
  readonly documents?: boolean;
  /** Reads that may be under way at once: what consumers that lag cost in memory. 20,000 by default. */
  readonly window?: number;
  /** How often the list of streams is looked at, in ms, where all are followed. 5,000 by default. */
  readonly streamsMs?: number;
}

const DEFAULTS = { documents: true, window: 20_000, streamsMs: 5000 } as const;
/** Longest that a pull waits for the documents. */
const DOCUMENTS_MS = 10_000;

const failed = (message: string): Result<never, SourceFailure> => err({ type: 'source-failed', message });

/** Reads over one `/sync` session without an attachment, documents over their own sockets, pulls over HTTP. Browser-safe. */
export const createRelaySource = (deps: RelaySourceDeps, options: RelaySourceOptions): LiveSource => {
  const { api, timers, log } = deps;
  const { documents, window, streamsMs } = { ...DEFAULTS, ...options };
  const url = socketUrl(options.relay, '/sync');
  if (!url.ok) throw new TypeError(url.error.message);
  const { token, eventId } = options;
  const subscription = { url: url.value, token, eventId, window, lookMs: streamsMs };
  let docs: EventDocuments | null = null;

  const docsOf = (): EventDocuments => {
    docs ??= followEventDocuments(deps, eventId);
    return docs;
  };

  const selectionNow = async (): Promise<Result<Selection, SourceFailure>> => {
    if (options.selection !== 'event') return ok(options.selection);
    const list = await api.call('GET', `/streams?eventId=${eventId}`, StreamList);
    if (!list.ok) return failed(describeApiError(list.error));
    return ok({ mode: 'manual', streams: list.value.streams.map(({ streamId }) => streamId).sort() });
  };

  /** The documents as they are; null: they did not come in time. */
  const documentsNow = (): Promise<SetupItem | null> =>
    new Promise((resolve) => {
      const timer = timers.after(DOCUMENTS_MS, () => finish(null));
      let stop = (): void => {};
      const finish = (setup: SetupItem | null): void => {
        timer.clear();
        timers.after(0, () => stop());
        resolve(setup);
      };
      stop = docsOf().follow(finish, () => finish(null));
    });

  const pullReads = async (from: VectorClock, take: (run: ReadRun) => void): Promise<Result<void, SourceFailure>> => {
    const selection = await selectionNow();
    if (!selection.ok) return selection;
    const told = new Map(from);
    for (;;) {
      const body = { clock: clockToJson(told), selection: selection.value };
      const answer = await api.call('POST', `/events/${eventId}/pull`, PullBody, body);
      if (!answer.ok) return failed(describeApiError(answer.error));
      for (const batch of answer.value.batches) {
        const reads = batch.reads.map(({ raw, ...read }) => ({ ...read, raw: bytesOf(raw) }));
        for (const run of runsOfBatch(batch, reads, told)) take(run);
      }
      if (answer.value.upToDate) return ok(undefined);
    }
  };

  return {
    subscribe: (from, events) =>
      subscribeToRelay({ ...deps, selectionNow, documents: documents ? docsOf() : null }, subscription, from, events),
    pull: async (from, take) => {
      if (documents) {
        const setup = await documentsNow();
        if (setup === null)
          return failed(
            `the documents did not come within ${DOCUMENTS_MS} ms; is the relay there, and may the token read them?`,
          );
        take(setup);
      }
      return pullReads(from, take);
    },
    close: async () => {
      docs?.close();
      log.debug('the source is closed');
    },
  };
};

const bytesOf = (base64: string): Uint8Array => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
};
