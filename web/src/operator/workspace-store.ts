import type { DocLink } from '@baton/client-core';
import { type Author, rosterDocName, setupDocName } from '@baton/schema/doc';
import type { MeBody } from '@baton/schema/http';
import { EventId, type RaceId } from '@baton/schema/ids';
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { FollowedDoc, PresentDoc } from '../platform/followed-doc.ts';
import type { PollDeps } from '../platform/poll.ts';
import type { SessionStore } from '../platform/session-store.ts';
import type { AddressStore } from './address-store.ts';
import { createEditedDoc } from './edited-doc.ts';
import { joinLinks } from './joined-link.ts';
import { createNodesStore, type NodesStore } from './nodes-store.ts';
import { createImportStore, type ImportStore } from './roster/import-store.ts';
import { createRosterStore, type RosterStore } from './roster/roster-store.ts';
import { createSetupStore, type SetupStore } from './setup-store.ts';
import { createStreamsStore, type StreamsStore } from './streams-store.ts';
import { createPresenceStore, type PresenceStore } from './together/presence-store.ts';
import { createReviewStore, type ReviewStore } from './together/review-store.ts';
import { createUndoStore, type UndoStore } from './together/undo-store.ts';
import { createTokensStore, type TokensStore } from './tokens-store.ts';

/** Everything about the event that is open. */
export interface Workspace {
  readonly eventId: EventId;
  readonly setup: SetupStore;
  readonly roster: RosterStore;
  readonly imports: ImportStore;
  /** The event's documents by name. */
  readonly documents: ReadonlyMap<string, FollowedDoc>;
  /** How far the edits of all documents have got, as one. */
  readonly link: ReadonlySignal<DocLink>;
  /** History and conflicts of both documents. */
  readonly review: ReviewStore;
  readonly undo: UndoStore;
  readonly presence: PresenceStore;
  readonly streams: StreamsStore;
  readonly nodes: NodesStore;
  readonly tokens: TokensStore;
  readonly newRaceId: () => RaceId;
}

export interface WorkspaceDeps extends PollDeps {
  readonly session: SessionStore;
  readonly address: AddressStore;
  /** As `/docs/<name>` calls it, for the person who is signed in. */
  readonly followDocument: (name: string, token: string, me: MeBody) => PresentDoc;
  readonly newRaceId: () => RaceId;
}

const open = (deps: WorkspaceDeps, eventId: EventId, token: string, me: MeBody): Workspace => {
  const sign = (): Author => ({ name: me.label ?? me.role, at: deps.clock.now() });
  const { timers } = deps;
  const followed = deps.followDocument(setupDocName(eventId), token, me);
  const edited = [
    createEditedDoc(followed, 'setup', sign),
    createEditedDoc(deps.followDocument(rosterDocName(eventId), token, me), 'roster', sign),
  ] as const;
  const setup = createSetupStore(edited[0]);
  const roster = createRosterStore({ edited: edited[1], setup: setup.setup, timers });
  return {
    eventId,
    setup,
    roster,
    imports: createImportStore({ roster, setup: setup.setup, timers }),
    documents: new Map([
      [setupDocName(eventId), edited[0].followed],
      [rosterDocName(eventId), edited[1].followed],
    ]),
    link: computed(() => joinLinks([edited[0].followed.link.value, edited[1].followed.link.value])),
    review: createReviewStore(timers, edited),
    undo: createUndoStore(edited),
    presence: createPresenceStore(
      followed.presence,
      { name: me.label ?? me.role, role: me.role },
      computed(() => deps.address.place.value.view),
    ),
    streams: createStreamsStore(deps, eventId),
    nodes: createNodesStore(deps, eventId),
    tokens: createTokensStore(deps, eventId),
    newRaceId: deps.newRaceId,
  };
};

const close = (workspace: Workspace): void => {
  for (const store of [workspace.streams, workspace.nodes, workspace.tokens]) store.stop();
  for (const store of [workspace.presence, workspace.undo, workspace.review]) store.close();
  workspace.roster.close();
  workspace.setup.close();
};

/** The workspace of the event in the address, while somebody is signed in; an operator's token fixes the event. */
export const createWorkspaceStore = (deps: WorkspaceDeps): ReadonlySignal<Workspace | null> => {
  const current = signal<Workspace | null>(null);
  effect(() => {
    const session = deps.session.session.value;
    const place = deps.address.place.value;
    const wanted =
      session.type === 'signed-in' ? (session.me.eventId ?? EventId.safeParse(place.eventId).data) : undefined;
    const open_ = current.peek();
    if (open_?.eventId === wanted) return;
    if (open_ !== null) close(open_);
    current.value =
      wanted === undefined || session.type !== 'signed-in' ? null : open(deps, wanted, session.token, session.me);
  });
  return current;
};
