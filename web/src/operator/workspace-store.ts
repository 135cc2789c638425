import type { DocLink } from '@baton/client-core';
import type { Author } from '@baton/schema/doc';
import type { MeBody } from '@baton/schema/http';
import { EventId, type RaceId } from '@baton/schema/ids';
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { FollowedDoc } from '../platform/followed-doc.ts';
import type { PollDeps } from '../platform/poll.ts';
import type { SessionStore } from '../platform/session-store.ts';
import type { AddressStore } from './address-store.ts';
import { createEditedDoc } from './edited-doc.ts';
import { createNodesStore, type NodesStore } from './nodes-store.ts';
import { createImportStore, type ImportStore } from './roster/import-store.ts';
import { createRosterStore, type RosterStore } from './roster/roster-store.ts';
import { createSetupStore, type SetupStore } from './setup-store.ts';
import { createStreamsStore, type StreamsStore } from './streams-store.ts';
import { createTokensStore, type TokensStore } from './tokens-store.ts';

/** Everything about the event that is open. */
export interface Workspace {
  readonly eventId: EventId;
  readonly setup: SetupStore;
  readonly roster: RosterStore;
  readonly imports: ImportStore;
  readonly streams: StreamsStore;
  readonly nodes: NodesStore;
  readonly tokens: TokensStore;
  readonly newRaceId: () => RaceId;
}

/** How far the edits of each shared document have got. */
export const docLinks = ({ setup, roster }: Workspace): readonly [DocLink, ...DocLink[]] => [
  setup.link.value,
  roster.edited.followed.link.value,
];

export interface WorkspaceDeps extends PollDeps {
  readonly session: SessionStore;
  readonly address: AddressStore;
  readonly followSetup: (eventId: EventId, token: string) => FollowedDoc;
  readonly followRoster: (eventId: EventId, token: string) => FollowedDoc;
  readonly newRaceId: () => RaceId;
}

const open = (deps: WorkspaceDeps, eventId: EventId, token: string, me: MeBody): Workspace => {
  const sign = (): Author => ({ name: me.label ?? me.role, at: deps.clock.now() });
  const setup = createSetupStore(createEditedDoc(deps.followSetup(eventId, token), 'setup', sign));
  const { timers } = deps;
  const edited = createEditedDoc(deps.followRoster(eventId, token), 'roster', sign);
  const roster = createRosterStore({ edited, setup: setup.setup, timers });
  return {
    eventId,
    setup,
    roster,
    imports: createImportStore({ roster, setup: setup.setup, timers }),
    streams: createStreamsStore(deps, eventId),
    nodes: createNodesStore(deps, eventId),
    tokens: createTokensStore(deps, eventId),
    newRaceId: deps.newRaceId,
  };
};

const close = (workspace: Workspace): void => {
  for (const store of [workspace.streams, workspace.nodes, workspace.tokens]) store.stop();
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
