import type { OptionSpec, OptionValues } from '@baton/schema/command';
import { CONFIG_FILE, flag, integer, type RelayAddress, requiredText, text } from '@baton/schema/command';
import { BACKUP_OPTIONS, type BackupConfig, backupConfigOf } from './config/backup.ts';
import { allowedOriginsOf, HOSTING_OPTIONS, type HostingConfig, hostingConfigOf } from './config/hosting.ts';
import { LIMIT_OPTIONS, type LimitsConfig, limitsConfigOf } from './config/limits.ts';
import { UPSTREAM_OPTIONS, upstreamOf } from './config/upstream.ts';
import { WATCHING_OPTIONS, type WatchingConfig, watchingConfigOf } from './config/watching.ts';

/** Everything a relay can be told, as typed values. Times in milliseconds. */
export interface RelayConfig extends HostingConfig, WatchingConfig {
  readonly port: number;
  readonly dataDir: string;
  readonly adminToken: string | null;
  readonly allowOrigins: readonly string[];
  readonly publicMetrics: boolean;
  /** Built pages to serve; null: those beside the relay. */
  readonly pagesDir: string | null;
  /** A relay elsewhere to keep in step with; null: none. */
  readonly upstream: RelayAddress | null;
  readonly nodeHeartbeatMs: number;
  readonly nodeDegradedMs: number;
  readonly nodeOfflineMs: number;
  readonly nodeSweepMs: number;
  readonly docKeepaliveMs: number;
  readonly docEditorMessages: number;
  readonly docEditorBytes: number;
  readonly docReaderMessages: number;
  readonly docReaderBytes: number;
  readonly docConnections: number;
  readonly docJoins: number;
  readonly fieldHeartbeatMs: number;
  readonly fieldTimeoutMs: number;
  readonly livePingMs: number;
  readonly livePongMs: number;
  readonly liveHeartbeatMs: number;
  readonly sseCommentMs: number;
  readonly liveLimit: number;
  readonly spectatorLimit: number;
  readonly spectatorPingMs: number;
  readonly spectatorPongMs: number;
  readonly spectatorGatherMs: number;
  readonly officialGraceMs: number;
  readonly oncourseTtlMs: number;
  readonly limits: LimitsConfig;
  /** Backups that the relay makes by itself; null: none. */
  readonly backups: BackupConfig | null;
}

const ms = (name: string, help: string, fallback: number): OptionSpec => ({
  name,
  value: 'ms',
  help,
  default: String(fallback),
});

const count = (name: string, help: string, fallback: number): OptionSpec => ({
  name,
  value: 'N',
  help,
  default: String(fallback),
});

export const RELAY_OPTIONS: readonly OptionSpec[] = [
  CONFIG_FILE,
  ...HOSTING_OPTIONS,
  { name: 'port', value: 'PORT', help: 'port to listen on; 0 takes any free one', default: '8787' },
  { name: 'data-dir', value: 'DIR', help: 'where everything is kept', default: './data' },
  {
    name: 'admin-token',
    value: 'TOKEN',
    help: 'the admin token; without it one is made at first start and kept in the data directory',
  },
  { name: 'allow-origin', value: 'ORIGIN', help: 'another web origin that browsers may come from', repeat: true },
  { name: 'public-metrics', help: 'answer /metrics without the admin token' },
  ...UPSTREAM_OPTIONS,
  { name: 'pages-dir', value: 'DIR', help: 'built web pages to serve, instead of those beside the relay' },
  ms('node-heartbeat-ms', 'how often nodes and relay tell each other that they live', 15_000),
  ms('node-degraded-ms', 'silence after which a node counts as degraded', 30_000),
  ms('node-offline-ms', 'silence after which a node counts as offline', 60_000),
  ms('node-sweep-ms', 'how often the relay looks for nodes that have fallen silent', 5_000),
  ms('field-heartbeat-ms', 'how often systems in the field (/ws/v1*) get a heartbeat', 30_000),
  ms('field-timeout-ms', 'silence after which a session of a system in the field ends', 90_000),
  ms('doc-keepalive-ms', 'a document connection gets a frame at least this often', 20_000),
  count('doc-editor-messages', 'messages a second from a connection that edits a document; more wait', 1000),
  count('doc-editor-bytes', 'bytes a second from a connection that edits a document; more wait', 4 * 1024 * 1024),
  count('doc-reader-messages', 'messages a second from a connection that only reads a document; more wait', 20),
  count('doc-reader-bytes', 'bytes a second from a connection that only reads a document; more wait', 64 * 1024),
  count('doc-connections', 'connections to documents that one token may have open', 1024),
  count('doc-joins', 'connections to documents that one token may open a second', 100),
  count('spectator-limit', 'spectators of one event that may be connected at once', 200),
  ms('spectator-ping-ms', 'how often a spectator’s connection is pinged', 30_000),
  ms('spectator-pong-ms', 'a spectator who has not answered a ping for so long is dropped', 10_000),
  ms('spectator-gather-ms', 'changes of so long become one message to spectators', 150),
  ms('live-ping-ms', 'how often live connections are pinged', 30_000),
  ms('live-pong-ms', 'how long they may take to answer', 10_000),
  ms('live-heartbeat-ms', 'how often live connections get a heartbeat message', 30_000),
  ms('sse-comment-ms', 'an event stream gets a comment at least this often', 15_000),
  count('live-limit', 'live connections and event streams at once', 5000),
  ms('official-grace-ms', 'how long spectators stay connected once results are official', 5_000),
  ms('oncourse-ttl-ms', 'a rider of an external source is on the course for so long after its last message', 10_000),
  ...LIMIT_OPTIONS,
  ...WATCHING_OPTIONS,
  ...BACKUP_OPTIONS,
];

const MAX_COUNT = 1_000_000_000;

const limit = (options: OptionValues, name: string): number => integer(options, name, 1, MAX_COUNT) ?? MAX_COUNT;

const DAY_MS = 86_400_000;

const interval = (options: OptionValues, name: string): number => integer(options, name, 1, DAY_MS) ?? DAY_MS;

/** Typed values of the options; throws `UsageError` with what was expected. */
export const relayConfigOf = (options: OptionValues): RelayConfig => ({
  ...hostingConfigOf(options),
  port: integer(options, 'port', 0, 65_535) ?? 8787,
  dataDir: requiredText(options, 'data-dir'),
  adminToken: options['admin-token'] === undefined ? null : requiredText(options, 'admin-token'),
  allowOrigins: allowedOriginsOf(options),
  publicMetrics: flag(options, 'public-metrics'),
  pagesDir: text(options, 'pages-dir') ?? null,
  upstream: upstreamOf(options),
  nodeHeartbeatMs: interval(options, 'node-heartbeat-ms'),
  nodeDegradedMs: interval(options, 'node-degraded-ms'),
  nodeOfflineMs: interval(options, 'node-offline-ms'),
  nodeSweepMs: interval(options, 'node-sweep-ms'),
  docKeepaliveMs: interval(options, 'doc-keepalive-ms'),
  docEditorMessages: limit(options, 'doc-editor-messages'),
  docEditorBytes: limit(options, 'doc-editor-bytes'),
  docReaderMessages: limit(options, 'doc-reader-messages'),
  docReaderBytes: limit(options, 'doc-reader-bytes'),
  docConnections: limit(options, 'doc-connections'),
  docJoins: limit(options, 'doc-joins'),
  fieldHeartbeatMs: interval(options, 'field-heartbeat-ms'),
  fieldTimeoutMs: interval(options, 'field-timeout-ms'),
  livePingMs: interval(options, 'live-ping-ms'),
  livePongMs: interval(options, 'live-pong-ms'),
  liveHeartbeatMs: interval(options, 'live-heartbeat-ms'),
  sseCommentMs: interval(options, 'sse-comment-ms'),
  liveLimit: limit(options, 'live-limit'),
  spectatorLimit: limit(options, 'spectator-limit'),
  spectatorPingMs: interval(options, 'spectator-ping-ms'),
  spectatorPongMs: interval(options, 'spectator-pong-ms'),
  spectatorGatherMs: interval(options, 'spectator-gather-ms'),
  officialGraceMs: interval(options, 'official-grace-ms'),
  oncourseTtlMs: interval(options, 'oncourse-ttl-ms'),
  limits: limitsConfigOf(options),
  ...watchingConfigOf(options),
  backups: backupConfigOf(options),
});
