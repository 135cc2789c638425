import { mapEpoch, putRace, setupDocName } from '@baton/schema/doc';
import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { type Clock, silentLog, type Timers } from '@baton/schema/ports';
import { PROTOCOL_VERSION, type UpMessageInput } from '@baton/schema/protocol';
import { encodeBatch, readFromLine } from '@baton/schema/reads';
import type { Grant } from '../../src/auth/grant.ts';
import { LIMIT_OPTIONS, type LimitsConfig, limitsConfigOf } from '../../src/config/limits.ts';
import { createDocRooms } from '../../src/docs/doc-rooms.ts';
import { createQuotas } from '../../src/limits/quotas.ts';
import { createReadLog } from '../../src/log/read-log.ts';
import { createAttachments } from '../../src/nodes/attachments.ts';
import { systemTimers } from '../../src/platform/node-time.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { createEventViews } from '../../src/session/event-view.ts';
import { createPresence } from '../../src/session/presence.ts';
import { createPumpIndex } from '../../src/session/pump-index.ts';
import type { SessionDeps } from '../../src/session/session-context.ts';
import { runSyncSession } from '../../src/session/sync-session.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { Role } from '../../src/storage/records.ts';
import type { Store } from '../../src/storage/store.ts';
import { createScriptedPeer, type ScriptedPeer } from './scripted-peer.ts';

export const EVENT = EventId.parse('spring-run');
export const RACE = RaceId.parse('0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9a01');
export const OTHER_RACE = RaceId.parse('0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9a02');

const clock: Clock = { now: () => 1_760_000_000_000 };

export const DEFAULT_LIMITS: LimitsConfig = limitsConfigOf(
  Object.fromEntries(LIMIT_OPTIONS.map((it) => [it.name, it.default])),
);

export interface PartsOptions {
  readonly store?: Store;
  readonly timers?: Timers;
  /** For what is counted by the day. */
  readonly clock?: Clock;
  /** Limits that differ from their defaults. */
  readonly limits?: Partial<LimitsConfig>;
  /** Left out, a failure of the store fails the test. */
  readonly onFailure?: (message: string) => void;
}

/** A relay without sockets: everything behind the transport, on the memory store. */
export const createParts = async (options: PartsOptions = {}) => {
  const store = options.store ?? createMemoryStore();
  const timers = options.timers ?? systemTimers;
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const onFailure = options.onFailure ?? fail;
  let ids = 0;
  const records = await store.load();
  const registry = createRegistry(records, store);
  const log = createReadLog({ store, registry, onFailure });
  const presence = createPresence({ streamOf: registry.stream });
  const attachments = createAttachments(
    { registry, clock, timers, ids: { uuid: () => `attachment-${++ids}` }, journal: silentLog },
    { degradedMs: 30_000, offlineMs: 60_000, sweepMs: 5_000 },
  );
  const docs = createDocRooms(
    {
      store,
      registry,
      attachments,
      clock,
      timers,
      afterTurn: (run) => void setImmediate(run),
      log: silentLog,
      onFailure,
      onRefused: () => {},
      takeBytes: () => null,
    },
    { gatherMs: 0 },
  );
  const views = createEventViews({ registry, docs, timers });
  const pumps = createPumpIndex();
  const refusals: string[] = [];
  const noSockets = { ofToken: () => 0, ofEvent: () => 0 };
  const quotas = await createQuotas(
    {
      registry,
      connections: noSockets,
      store,
      dayUses: records.dayUses,
      clock: options.clock ?? clock,
      timers,
      journal: silentLog,
    },
    { ...DEFAULT_LIMITS, ...options.limits },
  );
  const core = {
    registry,
    attachments,
    log,
    quotas,
    clock,
    timers,
    journal: silentLog,
    ids: { uuid: () => `session-${++ids}` },
  };
  const deps: SessionDeps = {
    core,
    presence,
    views,
    pumps,
    timers: { heartbeatMs: 15_000, degradedMs: 30_000, offlineMs: 60_000 },
    afterTurn: (run) => void setImmediate(run),
    onRefusal: (code) => refusals.push(code),
  };
  log.onAppended(pumps.appended);
  registry.onChange((changes) => {
    for (const it of changes) if (it.type === 'putStream') views.streamsChanged(it.stream.eventId);
  });
  await registry.change([
    {
      type: 'putEvent',
      event: {
        eventId: EVENT,
        title: 'Spring Run',
        date: '2026-04-12',
        timezone: 'Europe/Vienna',
        location: null,
        status: 'running',
        statusChangedAt: 0,
        minClientVersion: null,
        createdAt: 0,
      },
    },
  ]);
  const setup = await docs.hold(setupDocName(EVENT));
  const connect = (grant: Grant): ScriptedPeer => {
    const peer = createScriptedPeer();
    runSyncSession(deps, peer.socket, grant);
    return peer;
  };
  return { store, quotas, registry, attachments, log, presence, docs, setup, deps, refusals, connect };
};

export type Parts = Awaited<ReturnType<typeof createParts>>;

export const grantOf = (role: Role, nodeId: string | null): Grant => ({
  role,
  tokenId: null,
  eventId: role === 'admin' ? null : EVENT,
  nodeId: nodeId === null ? null : NodeId.parse(nodeId),
  label: null,
  expiresAt: null,
});

export const hello = (nodeId: string | null, readers: readonly string[] = []): UpMessageInput => ({
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  eventId: EVENT,
  ...(nodeId === null ? {} : { nodeId: NodeId.parse(nodeId) }),
  clientVersion: '0.1',
  capabilities: { test: true },
  readers: [...readers],
});

export const stream = (text: string): StreamId => StreamId.parse(text);

/** Lines `<label> <seq>` as a batch. */
export const batch = (label: string, firstSeq: number, count: number): Uint8Array =>
  encodeBatch(
    Array.from({ length: count }, (_, index) =>
      readFromLine(new TextEncoder().encode(`${label} ${firstSeq + index}`), 1_760_000_000_000 + index),
    ),
  );

/** A forwarder that is attached and whose pushes are awaited. */
export const attachForwarder = async (parts: Parts, nodeId: string, readers: readonly string[]) => {
  const peer = parts.connect(grantOf('forwarder', nodeId));
  peer.say(hello(nodeId, readers));
  const welcome = await peer.next('welcome');
  let pushId = 0;
  const push = async (reader: string, epoch: number, firstSeq: number, count: number, label = `e${epoch}`) => {
    const id = ++pushId;
    peer.push({
      streamId: stream(`${nodeId}.${reader}`),
      epoch,
      firstSeq,
      pushId: id,
      batch: batch(label, firstSeq, count),
    });
    const find = () =>
      peer.messages.flatMap((it) => (it.type === 'pushed' ? it.entries : [])).find((it) => it.pushId === id);
    await peer.until(() => find() !== undefined || peer.closed() !== null);
    return find();
  };
  return { peer, welcome, push };
};

/** A receiver that is attached, with plenty of credit. */
export const attachReceiver = async (parts: Parts, nodeId: string, credit = 1_000_000) => {
  const peer = parts.connect(grantOf('receiver', nodeId));
  peer.say(hello(nodeId));
  await peer.next('welcome');
  peer.say({ type: 'credit', reads: credit });
  return peer;
};

export const addRace = (parts: Parts, raceId: RaceId, name: string) =>
  parts.setup.edit((doc) => putRace(doc, { raceId, name, startAt: null, points: [], categories: [] }));

export const map = (parts: Parts, streamId: string, epoch: number, raceId: RaceId | null) =>
  parts.setup.edit((doc) => mapEpoch(doc, { streamId: stream(streamId), epoch }, raceId));
