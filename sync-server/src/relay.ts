import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalToEnvelope } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import { CLOSE, MAX_SYNC_FRAME_BYTES } from '@baton/schema/protocol';
import { createAccess } from './auth/access.ts';
import { createFailureBudget } from './auth/failure-budget.ts';
import type { RelayConfig } from './config.ts';
import { sendLimitsOf } from './docs/doc-brake.ts';
import type { DocRooms } from './docs/doc-rooms.ts';
import { createDocRooms, DOC_ROOMS_DEFAULTS, type DocRoomsOptions } from './docs/doc-rooms.ts';
import { fieldRoutes } from './field/routes.ts';
import { loadWithoutUnfinished } from './keeping/archive/unfinished.ts';
import { createQuotas, type KeptQuotas } from './limits/quotas.ts';
import { createReadLog } from './log/read-log.ts';
import { createAttachments } from './nodes/attachments.ts';
import { createVenues } from './nodes/venues.ts';
import { createRegistry } from './registry/registry.ts';
import type { RelayCore } from './relay-core.ts';
import { createEventViews } from './session/event-view.ts';
import { createPresence } from './session/presence.ts';
import { createPumpIndex } from './session/pump-index.ts';
import type { SessionDeps } from './session/session-context.ts';
import { runSyncSession } from './session/sync-session.ts';
import { createRosters } from './setup/rosters.ts';
import { createSetups } from './setup/setups.ts';
import { createSpectators, type SpectatorOptions } from './spectators/spectators.ts';
import type { Store } from './storage/store.ts';
import { MAX_MESSAGE_BYTES } from './subscriptions/live-message.ts';
import { createLiveSubscriptions, type LiveOptions } from './subscriptions/live-subscriptions.ts';
import { type ConnectionTable, createConnections } from './transport/connections.ts';
import { createUnreadableHandler } from './transport/unreadable.ts';
import { createUpgradeHandler, type SocketRoute } from './transport/upgrade.ts';
import type { OnRefusal } from './watching/refusals.ts';
import { createPace } from './work/pace.ts';

/** What a relay is made of; the composition root brings the real ones, a test its own. */
export interface RelayDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly journal: Log;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly afterTurn: (run: () => void) => void;
  readonly adminToken: string;
  /** Events whose import was cut: what is left of them goes. */
  readonly unfinishedImports?: readonly EventId[];
  /** Storage failed for good: no ack leaves any more, and the process must end (P23). */
  readonly onFailure: (message: string) => void;
  /** Hears of what was refused. */
  readonly onRefusal: OnRefusal;
  /** Hears of each WebSocket that the relay closes, with the code. */
  readonly onClosing?: (code: number) => void;
  /** Answers HTTP; given the running parts. */
  readonly http: (core: RelayCore) => RequestListener;
}

export interface Relay {
  readonly core: RelayCore;
  /** Resolves with the address once listening; rejects when the port cannot be had. */
  readonly listen: () => Promise<{ readonly host: string; readonly port: number }>;
  /** Ends every connection (1001), writes what waits, closes the store. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Sockets wait here while 10,000 clients come back at once; Node's own default is 511. */
const LISTEN_BACKLOG = 4096;
/** A document frame; y-websocket sends all offline edits in one. */
const MAX_DOC_FRAME_BYTES = 4 * 1024 * 1024;

/** Reconnecting clients come all at once: so many seconds' worth of joins may. */
const JOIN_BURST_SECONDS = 20;

const docRoomsOptionsOf = (config: RelayConfig): DocRoomsOptions => ({
  ...DOC_ROOMS_DEFAULTS,
  keepAliveMs: config.docKeepaliveMs,
  editors: sendLimitsOf(config.docEditorMessages, config.docEditorBytes),
  readers: sendLimitsOf(config.docReaderMessages, config.docReaderBytes),
  tokens: {
    connections: config.docConnections,
    joins: { perSecond: config.docJoins, burst: JOIN_BURST_SECONDS * config.docJoins },
  },
});

const spectatorOptionsOf = (config: RelayConfig): SpectatorOptions => ({
  maxConnections: config.spectatorLimit,
  pingMs: config.spectatorPingMs,
  pongMs: config.spectatorPongMs,
  gatherMs: config.spectatorGatherMs,
  graceMs: config.officialGraceMs,
  onCourseTtlMs: config.oncourseTtlMs,
});

const createCore = async (deps: RelayDeps, config: RelayConfig) => {
  const { store, clock, timers, ids, journal, onFailure } = deps;
  const records = await loadWithoutUnfinished(store, deps.unfinishedImports ?? []);
  const registry = createRegistry(records, store);
  const log = createReadLog({ store, registry, onFailure });
  const nodes = createPresence({ streamOf: registry.stream });
  const attachments = createAttachments(
    { registry, clock, timers, ids, journal },
    { degradedMs: config.nodeDegradedMs, offlineMs: config.nodeOfflineMs, sweepMs: config.nodeSweepMs },
  );
  const connections = createConnections({ clock, timers });
  const quotas = await createQuotas(
    { registry, connections, store, dayUses: records.dayUses, clock, timers, journal },
    config.limits,
  );
  const { adminToken, randomBytes } = deps;
  const failures = createFailureBudget(timers.mono);
  const access = createAccess({ registry, clock, adminToken, randomBytes, failures });
  const docs = createDocRooms(
    {
      store,
      registry,
      attachments,
      clock,
      timers,
      afterTurn: deps.afterTurn,
      log: journal,
      onFailure,
      onRefused: deps.onRefusal,
      takeBytes: quotas.takeBytes,
    },
    docRoomsOptionsOf(config),
  );
  const setups = createSetups({ docs, registry, clock });
  const pace = createPace({ timers, afterTurn: deps.afterTurn });
  const rosters = createRosters({ docs, setups, clock, pace });
  const spectators = createSpectators(
    {
      ...{ registry, log, docs, setups, rosters, clock, timers, pace, ids, journal, store, nodes },
      venues: createVenues({ attachments, nodes }),
      afterTurn: deps.afterTurn,
    },
    spectatorOptionsOf(config),
  );
  const base: Omit<RelayCore, 'live'> = {
    setups,
    rosters,
    spectators,
    registry,
    log,
    docs,
    nodes,
    attachments,
    connections,
    quotas,
    access,
    clock,
    timers,
    pace,
    ids,
    journal,
  };
  const live = createLiveSubscriptions(base, connections, liveOptionsOf(config), deps.onRefusal);
  return { core: { ...base, live }, nodes, connections, quotas };
};

const syncRoute = (session: SessionDeps): SocketRoute => ({
  prefix: '/sync',
  maxFrameBytes: MAX_SYNC_FRAME_BYTES,
  open: (path) => (path === '' ? (socket, grant) => runSyncSession(session, socket, grant) : null),
  tellFull: (socket, full) => socket.send(JSON.stringify({ type: 'error', error: refusalToEnvelope(full) })),
});

const fieldTimersOf = (config: RelayConfig) => ({
  heartbeatMs: config.fieldHeartbeatMs,
  timeoutMs: config.fieldTimeoutMs,
});

const docsRoute = (docs: DocRooms): SocketRoute => ({
  prefix: '/docs/',
  maxFrameBytes: MAX_DOC_FRAME_BYTES,
  open: (name) => (socket, grant, peer) =>
    docs.join(socket, { name, grant, confirmsSaves: peer.speaksBaton, isLink: peer.isLink }),
});

const LIVE_PATH = '/api/v1/live';

const liveOptionsOf = (config: RelayConfig): LiveOptions => ({
  pingMs: config.livePingMs,
  pongMs: config.livePongMs,
  heartbeatMs: config.liveHeartbeatMs,
  sseCommentMs: config.sseCommentMs,
  maxConnections: config.liveLimit,
});

/** What a spectator sends is ignored; only so much of it at once. */
const MAX_SPECTATOR_FRAME_BYTES = 4096;

const listen = (server: Server, { host, port }: Pick<RelayConfig, 'host' | 'port'>): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: LISTEN_BACKLOG }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

/**
 * Node's limits against slow and over-long requests; long polls and exports answer longer than they ask. Bodies have limits of their
 * own (`http/body-time.ts`): Node knows one for all.
 */
const HTTP_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 0,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 8_192,
} as const;

const createClose = (
  deps: RelayDeps,
  server: Server,
  core: RelayCore,
  { connections, quotas }: { readonly connections: ConnectionTable; readonly quotas: KeptQuotas },
) => {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.closeAll(CLOSE.shuttingDown, 'the relay shuts down');
    connections.stop();
    core.spectators.close();
    core.live.close();
    core.attachments.stop();
    server.closeIdleConnections();
    await core.docs.close();
    server.closeAllConnections();
    await closed;
    await quotas.stop();
    await deps.store.close();
  };
  return () => {
    closing ??= close();
    return closing;
  };
};

/** Keeps selections in step: what changes in streams and epochs is told to the views of their event. */
const followStreams = (core: RelayCore, session: SessionDeps): void => {
  core.log.onAppended(session.pumps.appended);
  core.registry.onChange((changes) => {
    for (const it of changes) {
      if (it.type === 'putStream') session.views.streamsChanged(it.stream.eventId);
      if (it.type !== 'archiveEpoch' && it.type !== 'reopenEpoch') continue;
      const eventId = core.registry.stream(it.streamId)?.eventId;
      if (eventId !== undefined) session.views.streamsChanged(eventId);
    }
  });
};

/** Builds a relay on an open store. Nothing listens yet. */
export const createRelay = async (deps: RelayDeps, config: RelayConfig): Promise<Relay> => {
  const { core, nodes, connections, quotas } = await createCore(deps, config);
  const session: SessionDeps = {
    core,
    presence: nodes,
    views: createEventViews({ registry: core.registry, docs: core.docs, timers: core.timers }),
    pumps: createPumpIndex(),
    timers: {
      heartbeatMs: config.nodeHeartbeatMs,
      degradedMs: config.nodeDegradedMs,
      offlineMs: config.nodeOfflineMs,
    },
    afterTurn: deps.afterTurn,
    onRefusal: deps.onRefusal,
  };
  followStreams(core, session);
  const server = createServer(HTTP_LIMITS, deps.http(core));
  server.on('clientError', createUnreadableHandler({ ...HTTP_LIMITS, ids: deps.ids, onRefusal: deps.onRefusal }));
  server.on(
    'upgrade',
    createUpgradeHandler({
      access: core.access,
      connections,
      quotas: core.quotas,
      allowOrigins: config.allowOrigins,
      routes: [
        syncRoute(session),
        docsRoute(core.docs),
        ...fieldRoutes({ ...session, fieldTimers: fieldTimersOf(config) }),
      ],
      publicRoutes: [
        { maxFrameBytes: MAX_SPECTATOR_FRAME_BYTES, admit: core.spectators.admit },
        {
          maxFrameBytes: MAX_MESSAGE_BYTES,
          admit: (path, secret, address) => (path === LIVE_PATH ? core.live.admit(secret, address) : null),
        },
      ],
      ids: deps.ids,
      afterTurn: deps.afterTurn,
      onRefusal: deps.onRefusal,
      onClosing: deps.onClosing ?? (() => {}),
      onDefect: (error, where) =>
        core.journal.error('a connection could not be taken', { ...where, cause: String(error) }),
    }),
  );
  return {
    core,
    listen: async () => {
      const { address, port } = await listen(server, config);
      return { host: address, port };
    },
    close: createClose(deps, server, core, { connections, quotas }),
  };
};
