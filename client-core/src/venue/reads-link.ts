import type { RelayAddress } from '@baton/schema/command';
import type { EventId, NodeId, StreamId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import {
  type AppliedMessage,
  CLIENT_VERSION,
  type DownMessage,
  type PushOutcome,
  RELAY_CAPABILITY,
  type ReadsFrame,
  type WelcomeMessage,
} from '@baton/schema/protocol';
import { clockFromJson, clockToJson, decodeBatch, pairKey } from '@baton/schema/reads';
import { backoffDelay } from '../connection/backoff.ts';
import type { ConnectionDeps } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { ConflictReport, RelayConflict } from './conflict-alarms.ts';
import { isInStep, selectionAt } from './link-selection.ts';
import { createLinkSessions, type LinkSessions } from './link-sessions.ts';
import {
  type BySide,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  NO_LINK,
  SIDES,
  type Side,
  stepLink,
} from './link-state.ts';
import { createSealTelling, type SealTelling } from './seal-telling.ts';
import { currentEpoch, epochsToTell, headsIn, linkedStreams, relayNodeAt, type StreamLists } from './stream-words.ts';

export interface ReadsLinkOptions {
  readonly relays: BySide<RelayAddress>;
  readonly eventId: EventId;
  readonly nodeId: NodeId;
  /** Both sides are attached; or no longer. */
  readonly onJoined: () => void;
  readonly onLeft: () => void;
  /** A relay commands an epoch of a forwarder that is attached at the other. */
  readonly onCommand: (from: Side, streamId: StreamId, epoch: number) => void;
}

/** The sessions with both relays, and what passes between them. */
export interface ReadsLink {
  readonly connect: () => void;
  /** What the relays say of their streams now. */
  readonly look: (lists: StreamLists) => void;
  /** Tells a relay that its command was taken over by the other. */
  readonly confirm: (at: Side, streamId: StreamId, epoch: number) => void;
  readonly isJoined: () => boolean;
  /** The session with the relay elsewhere. */
  readonly session: () => ConnectionState;
  readonly isInStep: () => boolean;
  /** Where the relays hold different reads; nothing of it is complete before both are attached. */
  readonly report: () => ConflictReport;
  readonly close: () => void;
}

/** A relay that takes no reads is asked again after a second at the soonest. */
const HOLD_MS = 1000;

/** Carries reads: turns what the sessions bring into inputs of `link-state`, and its effects into frames. */
const createCarrying = (
  deps: ConnectionDeps,
  eventId: EventId,
  sessions: () => LinkSessions,
  lists: () => StreamLists,
) => {
  const { log, timers, random } = deps;
  let state: LinkState = NO_LINK;
  let selected: Partial<Record<Side, string>> = {};
  let pauses: Timer[] = [];
  let holds = 0;

  const select = (at: Side, isForced: boolean): void => {
    const { streams, clock } = selectionAt(state, at, linkedStreams(lists()));
    const names = streams.join(' ');
    if (!isForced && selected[at] === names) return;
    selected = { ...selected, [at]: names };
    const selection = { mode: 'manual' as const, streams: [...streams] };
    sessions()[at].send({ type: 'select', selection, clock: clockToJson(clock) });
  };

  const holdBack = (at: Side, why: string): void => {
    log.warn('a relay takes no reads right now; they are sent again', { eventId, relay: at, why });
    const ms = HOLD_MS + backoffDelay(holds++, random.next());
    pauses.push(timers.after(ms, () => input({ type: 'resumed', at })));
  };

  const perform = (effect: LinkEffect): void => {
    switch (effect.type) {
      case 'push':
        return void sessions()[effect.to].sendPush(effect.frame);
      case 'credit':
        return void sessions()[effect.to].send({ type: 'credit', reads: effect.reads });
      case 'select':
        return select(effect.at, true);
      case 'hold':
        return holdBack(effect.at, effect.why);
      case 'differs':
        return log.error(
          'INTEGRITY_CONFLICT: two relays hold different reads under one number; this epoch is not carried any more',
          { eventId, ...effect.pair, seq: effect.seq },
        );
    }
  };

  const input = (it: LinkInput): void => {
    const step = stepLink(state, it);
    state = step.state;
    for (const effect of step.effects) perform(effect);
  };

  /** A side that takes reads again is waited for from the shortest wait on, should it refuse once more. */
  const settle = ({ outcome }: PushOutcome): void => {
    if (outcome === 'accepted') holds = 0;
  };

  return {
    input,
    select,
    settle,
    state: () => state,
    forget: () => {
      for (const pause of pauses) pause.clear();
      pauses = [];
      holds = 0;
      selected = {};
    },
  };
};

const differencesIn = (state: LinkState): readonly RelayConflict[] =>
  [...state.pairs.values()].flatMap(({ streamId, epoch, differsAt }) =>
    differsAt === null ? [] : [{ streamId, epoch, seq: differsAt }],
  );

const reportOf = (state: LinkState, seals: SealTelling, isComplete: boolean): ConflictReport => ({
  conflicts: [...differencesIn(state), ...seals.differences().map((pair) => ({ ...pair, seq: null }))],
  isComplete,
  sealedAlike: seals.alike(),
});

const joinedInput = ({ here, there }: BySide<WelcomeMessage>): LinkInput => ({
  type: 'joined',
  heads: { here: clockFromJson(here.heads), there: clockFromJson(there.heads) },
  windows: { here: here.limits.maxPushesInFlight, there: there.limits.maxPushesInFlight },
});

export const createReadsLink = (deps: ConnectionDeps, options: ReadsLinkOptions): ReadsLink => {
  const { log } = deps;
  const { eventId, nodeId } = options;
  let lists: StreamLists = { here: [], there: [] };
  let told: Partial<Record<Side, string>> = {};
  const seals = createSealTelling();
  const carrying = createCarrying(
    deps,
    eventId,
    () => sessions,
    () => lists,
  );

  const capabilities = (side: Side) => ({ [RELAY_CAPABILITY]: relayNodeAt(side, lists) });

  const tellForwarders = (side: Side): void => {
    const now = capabilities(side);
    const text = JSON.stringify(now);
    if (told[side] === text) return;
    if (sessions[side].send({ type: 'capabilities', capabilities: now })) told = { ...told, [side]: text };
  };

  const tellSeals = (): void => {
    for (const { at, pair, head } of seals.due(carrying.state())) {
      const { streamId, epoch } = pair;
      const ended = [{ epoch, seq: head }];
      // an epoch ends by the next one; the lists may not have it yet, and a relay seals none that it takes for current
      const opened = Math.max(currentEpoch(lists, streamId), epoch + 1);
      sessions[at].send({ type: 'epochOpened', streamId, epoch: opened, ended });
    }
    for (const pair of seals.differing()) {
      log.error('INTEGRITY_CONFLICT: a sealed epoch is another one at each relay', { eventId, ...pair });
    }
  };

  const onApplied = (at: Side, { targets }: AppliedMessage): void => {
    const heads = new Map(targets.map((it) => [pairKey(it.streamId, it.epoch), it.head]));
    carrying.input({ type: 'heads', at, heads });
    seals.noted(at, targets);
    tellSeals();
  };

  const onMessage = (at: Side, message: DownMessage): void => {
    switch (message.type) {
      case 'pushed':
        for (const outcome of message.entries) {
          carrying.settle(outcome);
          carrying.input({ type: 'pushed', at, outcome });
        }
        return;
      case 'applied':
        return onApplied(at, message);
      case 'caughtUp':
        return sessions[at].settle();
      case 'epochCommand':
        return options.onCommand(at, message.streamId, message.epoch);
      case 'error':
        return log.warn('a relay reports an error', {
          eventId,
          relay: at,
          code: message.error.code,
          cause: message.error.message,
        });
    }
  };

  const onReads = (from: Side, frame: ReadsFrame): void => {
    if (!sessions.isJoined()) return;
    const batch = decodeBatch(frame.batch);
    if (!batch.ok) return sessions[from].restart(`a batch does not decode: ${batch.error.message}`);
    carrying.input({ type: 'arrived', from, frame: { ...frame, count: batch.value.count } });
  };

  const onJoined = (welcomes: BySide<WelcomeMessage>): void => {
    for (const side of SIDES) {
      if (welcomes[side].readOnly)
        log.error('a relay takes nothing from this version: update it', { eventId, relay: side });
    }
    log.info('attached to both relays', { eventId, nodeId });
    carrying.input(joinedInput(welcomes));
    options.onJoined();
  };

  const onLeft = (): void => {
    carrying.forget();
    seals.forget();
    told = {};
    options.onLeft();
  };

  const inStep = (): boolean => sessions.isJoined() && isInStep(carrying.state());

  const hello = (side: Side) => ({ eventId, nodeId, clientVersion: CLIENT_VERSION, capabilities: capabilities(side) });
  const sessions = createLinkSessions(deps, { ...options, hello, onJoined, onLeft, onMessage, onReads });

  return {
    connect: sessions.connect,
    look: (now) => {
      lists = now;
      if (!sessions.isJoined()) return;
      for (const side of SIDES) carrying.input({ type: 'heads', at: side, heads: headsIn(now[side]) });
      for (const side of SIDES) {
        tellForwarders(side);
        for (const word of epochsToTell(side, now)) sessions[side].send({ type: 'epochOpened', ...word });
        carrying.select(side, false);
      }
      tellSeals();
    },
    confirm: (at, streamId, epoch) => void sessions[at].send({ type: 'epochOpened', streamId, epoch }),
    isJoined: sessions.isJoined,
    session: sessions.there.state,
    isInStep: inStep,
    report: () => reportOf(carrying.state(), seals, inStep()),
    close: () => {
      carrying.forget();
      sessions.close();
    },
  };
};
