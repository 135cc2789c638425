import type { RelayAddress } from '@baton/schema/command';
import { rosterDocName, setupDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import { type DocBridge, type DocBridgeDeps, openDocBridge } from './doc-bridge.ts';
import type { BySide } from './link-state.ts';

/** The documents of an event, carried between two relays while both are attached. */
export interface EventDocuments {
  /** Begins anew. */
  readonly open: () => void;
  readonly close: () => void;
  readonly isInStep: () => boolean;
  /** Those that are carried now. */
  readonly all: () => readonly DocBridge[];
}

export const createEventDocuments = (
  deps: DocBridgeDeps,
  relays: BySide<RelayAddress>,
  eventId: EventId,
): EventDocuments => {
  let documents: readonly DocBridge[] = [];
  const close = (): void => {
    for (const document of documents) document.close();
    documents = [];
  };
  return {
    open: () => {
      close();
      documents = [setupDocName(eventId), rosterDocName(eventId)].map((name) => openDocBridge(deps, name, relays));
    },
    close,
    isInStep: () => documents.length > 0 && documents.every((document) => document.isInStep()),
    all: () => documents,
  };
};
