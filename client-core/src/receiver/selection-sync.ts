import { receiverDocName } from '@baton/schema/doc';
import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { FollowDoc } from '../doc/doc-client.ts';
import type { ReceiverIdentity } from './identity.ts';
import type { SelectionStore } from './selection-store.ts';

export interface SelectionSyncDeps {
  readonly timers: Timers;
  readonly log: Log;
  readonly selection: SelectionStore;
  readonly followDoc: FollowDoc;
}

/** Keeps the stored selection and this receiver's document at the relay equal, while it lives. */
export interface SelectionSync {
  readonly close: () => Promise<void>;
}

const RETRY_MS = 5000;

export const createSelectionSync = (
  deps: SelectionSyncDeps,
  { eventId, nodeId }: Pick<ReceiverIdentity, 'eventId' | 'nodeId'>,
): SelectionSync => {
  const { timers, log, selection } = deps;
  const name = receiverDocName(eventId, nodeId);
  const doc = selection.hold(name);
  const client = deps.followDoc(name, doc);
  let begun = false;
  let isRefused = false;
  let retry: Timer | null = null;
  let closed = false;
  /** What is being stored, and whether there is more by now: a burst of edits is one write. */
  let storing: Promise<void> | null = null;
  let isMore = false;

  const tryAgain = (error: unknown): void => {
    log.error('what the document says could not be stored; it is tried again', {
      document: name,
      error: String(error),
    });
    if (!closed) retry = timers.after(RETRY_MS, absorb);
  };

  const absorbAll = async (): Promise<void> => {
    try {
      while (isMore && !closed) {
        isMore = false;
        await selection.absorb();
      }
    } catch (error) {
      tryAgain(error);
    } finally {
      storing = null;
    }
  };

  const absorb = (): void => {
    if (closed || !client.isLoaded()) return;
    retry?.clear();
    isMore = true;
    storing ??= absorbAll();
  };

  const followLink = (): void => {
    const link = client.link();
    if (link.type === 'refused' && !isRefused) {
      log.warn('the receiver goes on with the selection stored here, without its document', { reason: link.reason });
    }
    isRefused = link.type === 'refused';
    if (begun || !client.isLoaded()) return;
    begun = true;
    absorb();
  };

  doc.on('update', absorb);
  const stop = client.onChange(followLink);
  followLink();

  return {
    close: async () => {
      closed = true;
      retry?.clear();
      stop();
      doc.off('update', absorb);
      client.close();
      await storing;
    },
  };
};
