import type { Ids, Log, Timers } from '@baton/schema/ports';
import type { OnLifecycle } from '../../doc/device/writer-lock.ts';
import { DATABASE_NAME } from '../database-directory.ts';
import { createListeners } from '../listeners.ts';
import type { Commit, Replica, ReplicaChange } from '../replica.ts';
import type { OwnedOptions, OwnedReplica } from './owned-replica.ts';
import { createOwnerCalls, type OwnerCalls } from './owner-calls.ts';
import { createOwnerKnowledge, type OwnerKnowledge } from './owner-knowledge.ts';
import { createOwnerLock, type OwnerLock } from './owner-lock.ts';
import {
  beginOwnership,
  OWNERSHIP_TIMES,
  type Ownership,
  type OwnershipEffect,
  type OwnershipInput,
  type OwnershipState,
  type OwnershipStep,
  type OwnershipTimes,
  ownershipOf,
  stepOwnership,
} from './ownership-state.ts';
import { createPlaceFinder } from './place-finder.ts';
import type { StorageChoice } from './storage-ladder.ts';
import type { OpenTabLine, TabMessage, TabWord } from './tab-line.ts';
import { createTabReplica, type Place } from './tab-replica.ts';
import { createTenancy, type Tenancy, type TenancyDeps } from './tenancy.ts';

/** One replica for all tabs of a browser. */
export interface SharedReplica {
  /** Answers in every tab; stores in the one that owns it. */
  readonly replica: Replica;
  readonly ownership: () => Ownership;
  /** Where it lies; null until known. */
  readonly storage: () => StorageChoice | null;
  /** What the owner shows of itself; null until known. */
  readonly published: () => unknown;
  /** After any of these changed. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  /** Shows it to all tabs; for the owner. Must be cloneable. */
  readonly publish: (value: unknown) => void;
  /** Says something to whoever owns it, this tab too. */
  readonly command: (value: unknown) => void;
  readonly close: () => Promise<void>;
}

export interface SharedDeps extends Omit<TenancyDeps, 'say' | 'onOpened' | 'onUnopenable'> {
  readonly ids: Ids;
  readonly log: Log;
  readonly timers: Timers;
  /** Null on plain http: then the replica is in memory, and every tab has its own. */
  readonly locks: LockManager | null;
  readonly openLine: OpenTabLine;
  readonly onLifecycle: OnLifecycle;
}

export interface SharedOptions extends OwnedOptions {
  /** Longest wait for the owner's answer; 60 s, as long as its database may take. One that hangs is found out sooner, by its silence. */
  readonly callMs?: number;
  readonly times?: OwnershipTimes;
}

const CALL_MS = 60_000;
const VERSION = `1/${DATABASE_NAME}`;

/** The parts of one tab, and the state of its ownership that they share. */
interface Tab {
  readonly self: string;
  readonly timers: Timers;
  readonly log: Log;
  readonly times: OwnershipTimes;
  readonly commits: ReturnType<typeof createListeners<Commit>>;
  readonly changes: ReturnType<typeof createListeners<ReplicaChange>>;
  readonly listeners: ReturnType<typeof createListeners<void>>;
  readonly knowledge: OwnerKnowledge;
  readonly calls: OwnerCalls;
  readonly tenancy: Tenancy;
  readonly lock: () => OwnerLock;
  readonly say: (word: TabWord) => void;
  state: OwnershipState;
  shown: string;
}

const announce = ({ say, state, knowledge }: Tab): void =>
  say({
    type: 'owner',
    opens: state.phase !== 'owning',
    version: VERSION,
    databaseId: knowledge.databaseId(),
    storage: knowledge.storage(),
  });

const perform = (tab: Tab, effect: OwnershipEffect): void => {
  switch (effect) {
    case 'ask':
      return tab.lock().ask();
    case 'steal':
      tab.log.warn('the tab that owns the replica does not answer: it is taken over');
      return tab.lock().steal();
    case 'release':
      return tab.lock().release();
    case 'open':
      return tab.tenancy.open();
    case 'end':
      tab.knowledge.setPublished(null);
      return tab.tenancy.end();
    case 'ping':
      return tab.say({ type: 'ping' });
    case 'announce':
      return announce(tab);
  }
};

const show = (tab: Tab): void => {
  const ownership = ownershipOf(tab.state);
  const now = JSON.stringify([ownership, tab.state.ownerId, tab.knowledge.storage()]);
  if (now === tab.shown) return;
  tab.shown = now;
  // what happened between two owners was told to nobody
  if (ownership.type === 'owner' || ownership.type === 'follower') tab.changes.tell({ type: 'rebuilt' });
  tab.listeners.tell();
};

const follow = (tab: Tab, step: OwnershipStep): void => {
  const before = tab.state;
  tab.state = step.state;
  const moved = step.state.ownerId !== before.ownerId || step.state.phase !== before.phase;
  if (moved && before.phase === 'following') tab.calls.dropAll('the replica is handed over');
  for (const effect of step.effects) perform(tab, effect);
  show(tab);
};

const apply = (tab: Tab, input: OwnershipInput): void => follow(tab, stepOwnership(tab.state, input, tab.times));

const hearOwner = (tab: Tab, message: Extract<TabMessage, { type: 'owner' }>): void => {
  const sameVersion = message.version === VERSION;
  if (!tab.tenancy.isOn() && sameVersion && !message.opens) {
    tab.knowledge.setStorage(message.storage);
    tab.knowledge.seen(message.databaseId);
  }
  apply(tab, { type: 'heard', from: message.from, opens: message.opens, sameVersion, now: tab.timers.mono() });
};

/** Words of the owner that this tab follows; those of a former one come too late. */
const hearOwnersWords = (tab: Tab, message: TabMessage): void => {
  if (message.from !== tab.state.ownerId || tab.state.otherVersion) return;
  if (message.type === 'answer' && message.to === tab.self) tab.calls.answered(message.id, message.value);
  else if (message.type === 'event' && message.name === 'commit') tab.commits.tell(message.value as Commit);
  else if (message.type === 'event') tab.changes.tell(message.value as ReplicaChange);
  else if (message.type === 'published') {
    tab.knowledge.setPublished(message.value);
    tab.listeners.tell();
  }
};

const greet = (tab: Tab): void => {
  if (!tab.tenancy.isOn()) return;
  announce(tab);
  const published = tab.knowledge.published();
  if (published !== null) tab.say({ type: 'published', value: published });
};

const hear = (tab: Tab, message: TabMessage): void => {
  switch (message.type) {
    case 'ping':
      return greet(tab);
    case 'owner':
      return hearOwner(tab, message);
    case 'call':
      if (message.to === tab.self) void tab.tenancy.serve(message);
      return;
    case 'command':
      tab.tenancy.command(message.value);
      return;
    case 'answer':
    case 'event':
    case 'published':
      return hearOwnersWords(tab, message);
  }
};

/** The owner's replica is everybody's: what happens in it is told to all. */
const opened = (tab: Tab, { replica, made, storage }: OwnedReplica): void => {
  tab.knowledge.setStorage(storage());
  tab.knowledge.opened(made);
  replica.onCommit((commit) => {
    tab.commits.tell(commit);
    tab.say({ type: 'event', name: 'commit', value: commit });
  });
  replica.onChange((change) => {
    tab.changes.tell(change);
    tab.knowledge.setStorage(storage());
    tab.say({ type: 'event', name: 'change', value: change });
    show(tab);
  });
  apply(tab, { type: 'opened' });
};

const placeNow = ({ state, tenancy, calls }: Tab): Place | null => {
  const owned = tenancy.owned();
  if (owned !== null && state.phase === 'owning') return { type: 'here', replica: owned.replica };
  const ownership = ownershipOf(state);
  if (ownership.type === 'follower') return { type: 'owner', call: calls.call };
  return ownership.type === 'unavailable' ? { type: 'nowhere', message: ownership.message } : null;
};

const createTab = (deps: SharedDeps, options: SharedOptions, say: Tab['say'], lock: Tab['lock']): Tab => {
  const { timers, log, ids } = deps;
  const changes = createListeners<ReplicaChange>(log);
  const call = (id: number, method: Parameters<OwnerCalls['call']>[0], args: readonly unknown[]): void =>
    say({ type: 'call', to: tab.state.ownerId ?? '', id, method, args });
  const tab: Tab = {
    self: ids.uuid(),
    timers,
    log,
    times: options.times ?? OWNERSHIP_TIMES,
    commits: createListeners<Commit>(log),
    changes,
    listeners: createListeners<void>(log),
    knowledge: createOwnerKnowledge(ids, () => changes.tell({ type: 'rebuilt' })),
    calls: createOwnerCalls(timers, call, options.callMs ?? CALL_MS),
    tenancy: createTenancy(
      {
        ...deps,
        say,
        onOpened: (owned) => opened(tab, owned),
        onUnopenable: (message) => apply(tab, { type: 'unopenable', message }),
      },
      options,
    ),
    lock,
    say,
    state: beginOwnership(timers.mono()).state,
    shown: '',
  };
  return tab;
};

/**
 * Joins the tabs that share a replica: owns it, or follows who owns it, and takes over when that one closes, freezes or
 * hangs. The database is opened under the lock only.
 */
export const openSharedReplica = (deps: SharedDeps, options: SharedOptions): SharedReplica => {
  const { timers } = deps;
  const name = `baton.replica.${options.name}`;
  const tab = createTab(
    deps,
    options,
    (word) => line.post({ ...word, from: tab.self }),
    () => lock,
  );
  const line = deps.openLine(name, (message) => hear(tab, message));
  const lock = createOwnerLock(deps.locks, name, {
    onGranted: () => apply(tab, { type: 'granted' }),
    onRobbed: () => apply(tab, { type: 'robbed', now: timers.mono() }),
  });
  const ticking = timers.every(tab.times.tickMs, () => apply(tab, { type: 'tick', now: timers.mono() }));
  const stopLifecycle = deps.onLifecycle((event) =>
    apply(tab, event === 'frozen' ? { type: 'frozen' } : { type: 'resumed', now: timers.mono() }),
  );

  const close = async (): Promise<void> => {
    if (tab.state.phase === 'out') return;
    ticking.clear();
    stopLifecycle();
    await tab.tenancy.close();
    apply(tab, { type: 'closed' });
    tab.calls.dropAll('it was closed');
    line.close();
  };

  tab.say({ type: 'ping' });
  follow(tab, beginOwnership(timers.mono()));
  const { commits, changes, knowledge, listeners } = tab;
  return {
    replica: createTabReplica({
      place: createPlaceFinder(timers, () => placeNow(tab), listeners.add),
      era: knowledge.era,
      commits,
      changes,
      isClosed: () => tab.state.phase === 'out',
      close,
    }),
    ownership: () => ownershipOf(tab.state),
    storage: knowledge.storage,
    published: knowledge.published,
    onChange: listeners.add,
    publish: (value) => {
      if (tab.tenancy.owned() === null) return;
      knowledge.setPublished(value);
      tab.say({ type: 'published', value });
      listeners.tell();
    },
    command: (value) => {
      if (!tab.tenancy.command(value)) tab.say({ type: 'command', value });
    },
    close,
  };
};
