import { setupDocName } from '@baton/schema/doc';
import { EventId, NodeId, TokenId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { afterEach } from 'vitest';
import type { Grant } from '../../src/auth/grant.ts';
import type { LimitsConfig } from '../../src/config/limits.ts';
import { createDocRooms, type DocRoomsOptions } from '../../src/docs/doc-rooms.ts';
import { createQuotas } from '../../src/limits/quotas.ts';
import { createAttachments } from '../../src/nodes/attachments.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { EventRecord, Role, TokenRecord } from '../../src/storage/records.ts';
import type { CommitReply, Store } from '../../src/storage/store.ts';
import { DEFAULT_LIMITS } from '../support/relay-parts.ts';
import { createDocClient, type DocClient, settle } from './doc-client.ts';

export const EVENT = EventId.parse('spring-run');
export const SETUP = setupDocName(EVENT);

export const COMMITTED: CommitReply = { type: 'committed' };
export const FULL: CommitReply = { type: 'storage-full', message: 'no space left on device' };
export const FAILED: CommitReply = { type: 'failed', message: 'fdatasync: input/output error' };

/** A store whose disk the test holds: writes wait for `release`, and may be refused. */
export const createHeldStore = (store: Store = createMemoryStore()) => {
  let holding = false;
  let refuseWith: CommitReply | null = null;
  let waiting: (() => void)[] = [];
  const loads: string[] = [];

  const gate = (): Promise<void> => (holding ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve());

  const held: Store = {
    ...store,
    loadDoc: async (name) => {
      loads.push(name);
      await gate();
      return store.loadDoc(name);
    },
    appendDoc: async (name, update) => {
      await gate();
      return refuseWith ?? store.appendDoc(name, update);
    },
    compactDoc: async (name) => {
      await gate();
      return refuseWith === null || refuseWith.type === 'committed' ? store.compactDoc(name) : refuseWith;
    },
  };
  return {
    store: held,
    inner: store,
    loads,
    hold: () => {
      holding = true;
    },
    release: () => {
      holding = false;
      const run = waiting;
      waiting = [];
      for (const go of run) go();
    },
    refuse: (reply: CommitReply | null) => {
      refuseWith = reply;
    },
    waiting: () => waiting.length,
  };
};

const event = (eventId: string, status: EventRecord['status']): EventRecord => ({
  eventId: EventId.parse(eventId),
  title: eventId,
  date: '2026-03-07',
  timezone: 'Europe/Paris',
  location: null,
  status,
  statusChangedAt: 0,
  minClientVersion: null,
  createdAt: 0,
});

export const grantOf = (role: Role, nodeId: string | null = null, more: Partial<Grant> = {}): Grant => ({
  role,
  tokenId: null,
  eventId: role === 'admin' ? null : EVENT,
  nodeId: nodeId === null ? null : NodeId.parse(nodeId),
  label: null,
  expiresAt: null,
  ...more,
});

export const receiverToken = (nodeId: string): TokenRecord => ({
  tokenId: TokenId.parse(`token-of-${nodeId}`),
  hash: `hash-of-${nodeId}`,
  role: 'receiver',
  eventId: EVENT,
  nodeId: NodeId.parse(nodeId),
  label: null,
  createdAt: 0,
  expiresAt: null,
});

/** Of somebody who sets the race up. */
export const tokenOf = (token: string): TokenRecord => ({
  tokenId: TokenId.parse(token),
  hash: `hash-of-${token}`,
  role: 'operator',
  eventId: EVENT,
  nodeId: null,
  label: null,
  createdAt: 0,
  expiresAt: null,
});

export const withToken = (token: string): Grant => grantOf('operator', null, { tokenId: TokenId.parse(token) });

const open: { readonly close: () => Promise<void> }[] = [];
const clients: DocClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.dispose();
  for (const rooms of open.splice(0)) await rooms.close();
});

interface JoinMore {
  readonly confirmsSaves?: boolean;
  readonly isLink?: boolean;
  readonly client?: DocClient;
}

/** Documents of an event `spring-run` (running), beside a draft and another that is published. */
export const createRooms = async (
  options: {
    readonly store?: Store;
    readonly rooms?: Partial<DocRoomsOptions>;
    readonly limits?: Partial<LimitsConfig>;
  } = {},
) => {
  const store = options.store ?? createMemoryStore();
  const time = createVirtualTime();
  const registry = createRegistry(await store.load(), store);
  await registry.change([
    { type: 'putEvent', event: event('spring-run', 'running') },
    { type: 'putEvent', event: event('a-draft', 'draft') },
    { type: 'putEvent', event: event('other-run', 'running') },
    { type: 'putToken', token: receiverToken('tent') },
    { type: 'putToken', token: receiverToken('office') },
  ]);
  const attachments = createAttachments(
    { registry, ...time, ids: { uuid: () => 'attachment' }, journal: silentLog },
    { degradedMs: 30_000, offlineMs: 60_000, sweepMs: 5_000 },
  );
  const noSockets = { ofToken: () => 0, ofEvent: () => 0 };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const quotas = await createQuotas(
    { registry, connections: noSockets, store, dayUses: [], ...time, journal: silentLog },
    limits,
  );
  const failures: string[] = [];
  const refusals: string[] = [];
  const docs = createDocRooms(
    {
      store,
      registry,
      attachments,
      clock: time.clock,
      timers: time.timers,
      afterTurn: (run) => void setImmediate(run),
      log: silentLog,
      onFailure: (message) => failures.push(message),
      onRefused: (code) => refusals.push(code),
      takeBytes: quotas.takeBytes,
    },
    // the tests that own the clock see what a turn brings at its end
    { gatherMs: 0, ...options.rooms },
  );
  open.push(docs);

  /** Joins as a stock client does: opens, then says what it has. */
  const join = (name: string, grant: Grant, more: JoinMore = {}): DocClient => {
    const client = more.client ?? createDocClient();
    clients.push(client);
    docs.join(client.socket, {
      name,
      grant,
      confirmsSaves: more.confirmsSaves ?? false,
      isLink: more.isLink ?? false,
    });
    client.greet();
    return client;
  };

  const joinSynced = async (name: string, grant: Grant, more: JoinMore = {}) => {
    const client = join(name, grant, more);
    await settle();
    if (!client.isSynced()) throw new Error(`not synced: ${JSON.stringify(client.closed())}`);
    return client;
  };

  return { docs, store, registry, attachments, time, failures, refusals, join, joinSynced };
};
