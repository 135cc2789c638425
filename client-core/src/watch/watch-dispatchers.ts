import { setupDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { Clock, Log, Random, Timers } from '@baton/schema/ports';
import { createDocClient, type FollowDoc } from '../doc/doc-client.ts';
import { alarmEdits } from '../live/dispatch/alarm-edits.ts';
import { createDocumentEdit } from '../live/dispatch/document-edit.ts';
import { createWebhook } from '../live/dispatch/webhook.ts';
import type { Dispatcher } from '../live/dispatcher.ts';

export interface WatchPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly WebSocket: typeof WebSocket;
}

export interface WatchRelay {
  readonly relay: string;
  /** Of an operator. */
  readonly token: string;
}

export const followAs =
  (ports: WatchPorts, { relay, token }: WatchRelay): FollowDoc =>
  (name, doc) =>
    createDocClient(ports, { relay, token, name, ...(doc === undefined ? {} : { doc }) });

/** What runs the commands of the shipped managers. */
export interface WatchDispatchers {
  readonly byType: Readonly<Record<string, Dispatcher>>;
  readonly close: () => void;
}

/** @param relay null: alarms cannot be told, there is no relay to tell them to */
export const watchDispatchers = (
  ports: WatchPorts,
  relay: (WatchRelay & { readonly eventId: EventId }) | null,
  webhookSecret: string | null,
): WatchDispatchers => {
  const webhook = createWebhook(ports, { secret: webhookSecret });
  if (relay === null) return { byType: { webhook }, close: () => {} };
  const document = setupDocName(relay.eventId);
  const editor = createDocumentEdit(
    { timers: ports.timers, followDoc: followAs(ports, relay) },
    { document, edits: alarmEdits },
  );
  return { byType: { webhook, alarm: editor.dispatch }, close: editor.close };
};
