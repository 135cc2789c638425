/** Browser-safe entry: nothing here touches Node. */
export type { BackoffOptions } from './connection/backoff.ts';
export { backoffBound, backoffDelay, DEFAULT_BACKOFF } from './connection/backoff.ts';
export type { Connection, ConnectionDeps, ConnectionHandlers, ConnectionOptions } from './connection/connection.ts';
export { createConnection } from './connection/connection.ts';
export type { ConnectionState } from './connection/connection-state.ts';
export type { BadRelayUrl } from './connection/relay-url.ts';
export { httpUrl, socketUrl } from './connection/relay-url.ts';
export type { OpenSocket, Socket, SocketClose, SocketEvents, SocketTarget } from './connection/socket.ts';
export { ABNORMAL_CLOSE } from './connection/socket.ts';
export type { HeartbeatFields, HelloInput } from './connection/sync-session.ts';
export { bringBack, lackedBy } from './doc/bring-back.ts';
export type { DeviceOwner } from './doc/device/device-copies.ts';
export {
  adoptLeftBehind,
  createDeviceCopies,
  forgetBehind,
  forgetDevice,
  keptBehind,
  leftBehind,
  unsavedOnDevice,
} from './doc/device/device-copies.ts';
export type { DeviceCopyDeps } from './doc/device/device-copy.ts';
export { createLatch } from './doc/device/latch.ts';
export type { DocClient, DocClientDeps, DocClientOptions } from './doc/doc-client.ts';
export { createDocClient } from './doc/doc-client.ts';
export type { DocLink, Keeping } from './doc/doc-link.ts';
export type { CopyState, DeviceFault, KeepCopy, LocalCopy } from './doc/local-copy.ts';
export type { Presence, Present, Said } from './doc/presence.ts';
export { createPresence } from './doc/presence.ts';
export { describeApiError } from './http/describe-error.ts';
export type { ApiError, Method, RelayApi, RelayApiOptions } from './http/relay-api.ts';
export { createRelayApi } from './http/relay-api.ts';
export type {
  Command,
  LiveItem,
  ProcessManager,
  Projection,
  Reaction,
  ReadItem,
  ReadRun,
  SetupItem,
  StateCodec,
  TickItem,
} from './live/consumer.ts';
export { alarmEdits } from './live/dispatch/alarm-edits.ts';
export type { DocumentEdit, DocumentEditOptions, DocumentEditor } from './live/dispatch/document-edit.ts';
export { createDocumentEdit } from './live/dispatch/document-edit.ts';
export type { LogLinePayload } from './live/dispatch/log-line.ts';
export { createLogLine } from './live/dispatch/log-line.ts';
export type { RelayCommandPayload } from './live/dispatch/relay-command.ts';
export { createRelayCommand } from './live/dispatch/relay-command.ts';
export type { WebhookOptions, WebhookPayload } from './live/dispatch/webhook.ts';
export { createWebhook, MAX_WEBHOOK_BYTES, signatureOf } from './live/dispatch/webhook.ts';
export type { Dispatcher, DispatchFailure, RetryOutcome } from './live/dispatcher.ts';
export { dispatchFailed } from './live/dispatcher.ts';
export type { LiveHandle, LivePosition, LiveStatus } from './live/follow.ts';
export type { LiveConfig, LiveDeps, LiveOptions } from './live/live-config.ts';
export { DEFAULT_LIVE_CONFIG } from './live/live-config.ts';
export type { WatchedEvent } from './live/managers/course.ts';
export type { FinishBody } from './live/managers/finish-webhook.ts';
export { shippedManagers } from './live/managers/shipped.ts';
export type { AlreadyStarted, Live, StartFailure } from './live/open-live.ts';
export { openLive } from './live/open-live.ts';
export type { ConsumerStatus } from './live/runner.ts';
export type { LiveSource, SourceEnd, SourceEvents, SourceFailure, SourceSubscription } from './live/source.ts';
export type { RelaySourceDeps, RelaySourceOptions } from './live/sources/relay-source.ts';
export { createRelaySource } from './live/sources/relay-source.ts';
export type { DeadLetter, LiveStore, StoreFailure } from './live/store.ts';
export { openIndexedDbStore } from './live/stores/indexed-db-store.ts';
export { createMemoryStore } from './live/stores/memory-store.ts';
export type { BrowserReplica, BrowserReplicaOptions } from './platform/browser/open-replica.ts';
export { openReplica } from './platform/browser/open-replica.ts';
export { openWebSocket } from './platform/browser/web-socket.ts';
export type { RepairError } from './reads/epoch-repair.ts';
export type { PullClient, PullClientDeps, PullClientOptions } from './reads/pull-client.ts';
export { createPullClient } from './reads/pull-client.ts';
export type { EpochProgress, PullConnection, PullStatus, PullWarning } from './reads/pull-status.ts';
export type { SetupSync, SetupSyncDeps } from './receiver/setup-sync.ts';
export { createSetupSync } from './receiver/setup-sync.ts';
export type { BrowserStorage, StorageMode } from './replica/browser/browser-directories.ts';
export { forgetReplica } from './replica/browser/browser-directories.ts';
export type { Ownership } from './replica/browser/ownership-state.ts';
export { pullTuning } from './replica/browser/pull-tuning.ts';
export type { SharedDeps, SharedOptions, SharedReplica } from './replica/browser/shared-replica.ts';
export { openSharedReplica } from './replica/browser/shared-replica.ts';
export type { StorageChoice } from './replica/browser/storage-ladder.ts';
export { openTabLine } from './replica/browser/tab-line.ts';
export type { OwnerWork } from './replica/browser/tenancy.ts';
export type { LiveListener, LiveQuery, LiveQueryOptions } from './replica/live-query.ts';
export { liveQuery } from './replica/live-query.ts';
export { createMemoryReplica } from './replica/memory-replica.ts';
export type {
  ApplyReply,
  Commit,
  EpochCheck,
  PairProgress,
  PositionedRead,
  QueryFailure,
  QueryRows,
  ReadPage,
  Replica,
  ReplicaChange,
  ReplicaEnd,
  ResultsState,
  SelectColumn,
  SelectOptions,
  SelectPage,
} from './replica/replica.ts';
export type { EventFacts, KnownStream, SetupRows } from './replica/setup-rows.ts';
export { NO_SETUP, setupRows } from './replica/setup-rows.ts';
