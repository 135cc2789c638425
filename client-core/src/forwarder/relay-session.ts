import { type StreamId, streamIdOf } from '@baton/schema/ids';
import { CLIENT_VERSION, type DownMessage, type WelcomeMessage } from '@baton/schema/protocol';
import { MAX_BATCH_READS } from '@baton/schema/reads';
import { type Connection, type ConnectionDeps, createConnection } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { HeartbeatFields } from '../connection/sync-session.ts';
import type { OwnIdentity } from '../http/own-identity.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Journal } from './journal.ts';
import { type RelayStream, reconcile } from './reconcile.ts';
import { createSender } from './sender.ts';
import { currentEpoch, openEpoch } from './stream-log.ts';
import type { Streams } from './streams.ts';
import { watchVersionFloor } from './version-floor.ts';

export interface RelaySessionDeps extends ConnectionDeps {
  readonly journal: Journal;
  readonly queue: CommitQueue;
  readonly streams: Streams;
}

export interface RelaySessionOptions {
  readonly relay: string;
  readonly token: string;
  readonly identity: OwnIdentity;
  readonly readers: () => readonly string[];
  readonly heartbeat: () => HeartbeatFields;
  readonly onFailed: (error: unknown) => void;
}

/** The forwarder's side of `/sync`: attaches, agrees with the relay about epochs, sends, follows commands. */
export interface RelaySession {
  /** Something became durable. */
  readonly wake: () => void;
  /** Sends a heartbeat now. */
  readonly tellStatus: () => void;
  readonly state: () => ConnectionState;
  readonly isFenced: () => boolean;
  /** The relay takes no reads from this version; they stay in the journal. */
  readonly isReadOnly: () => boolean;
  readonly close: () => void;
}

/** A backlog travels in the largest batches: each costs one look into the journal. */
const BATCH_READS = MAX_BATCH_READS;
/** Most that `epochOpened` may name. */
const MAX_ENDED = 1000;

const relayStream = (welcome: WelcomeMessage, streamId: StreamId): RelayStream => {
  const told = Object.entries(welcome.heads[streamId] ?? {});
  const heads = new Map(told.map(([epoch, seq]) => [Number(epoch), seq]));
  const stream = welcome.streams.find((it) => it.streamId === streamId);
  if (stream !== undefined && stream.head > 0) heads.set(stream.epoch, stream.head);
  return { epoch: stream?.epoch ?? 1, heads };
};

export const openRelaySession = (deps: RelaySessionDeps, options: RelaySessionOptions): RelaySession => {
  const { queue, streams, log } = deps;
  const { identity, readers } = options;
  let sessionId: string | null = null;

  const idOf = (reader: string): StreamId => streamIdOf(identity.nodeId, reader);

  const tellEpochs = (reader: string): void => {
    const { epochs } = streams.get(reader);
    const { epoch } = currentEpoch(streams.get(reader));
    const ended = epochs.slice(-MAX_ENDED - 1, -1).map((it) => ({ epoch: it.epoch, seq: it.head }));
    connection.send({ type: 'epochOpened', streamId: idOf(reader), epoch, ended });
  };

  const sender = createSender({
    ...deps,
    sendPush: (frame) => connection.sendPush(frame),
    streamIdOf: idOf,
    onEpochs: tellEpochs,
    onTaken: () => connection.settle(),
    onFailed: options.onFailed,
  });

  const floor = watchVersionFloor({ ...deps, askAgain: (reason) => connection.restart(reason) });

  const meet = (reader: string, welcome: WelcomeMessage): void => {
    const step = reconcile(streams.get(reader), relayStream(welcome, idOf(reader)));
    for (const { type, message, epoch } of step.findings) log.warn(message, { reader, type, epoch });
    streams.change(reader, step, () => {
      if (currentEpoch(step.log).epoch > 1) tellEpochs(reader);
    });
  };

  const onWelcome = (welcome: WelcomeMessage): void => {
    const { limits, readOnly } = welcome;
    const own = welcome.sessionId;
    sessionId = own;
    log.info('attached to the relay', { sessionId: own, state: welcome.state, readOnly });
    tellStatus();
    for (const reader of readers()) meet(reader, welcome);
    floor.welcomed(readOnly);
    if (readOnly) return;
    // behind the changes of `meet`: nothing is sent before the journal has them
    queue.add([], () => {
      if (sessionId === own) sender.start({ window: limits.maxPushesInFlight, batchReads: batchReads(welcome) });
    });
  };

  const batchReads = ({ limits }: WelcomeMessage): number => Math.max(1, Math.min(BATCH_READS, limits.maxBatchReads));

  const followCommand = ({ streamId, epoch }: Extract<DownMessage, { type: 'epochCommand' }>): void => {
    const reader = readers().find((name) => idOf(name) === streamId);
    if (reader === undefined) {
      log.warn('the relay commands an epoch of a stream that is not here', { streamId, epoch });
      return;
    }
    log.info('the relay commands a new epoch', { reader, epoch });
    streams.change(reader, openEpoch(streams.get(reader), epoch), () => tellEpochs(reader));
  };

  const onMessage = (message: DownMessage): void => {
    if (message.type === 'pushed') {
      floor.answered(message.entries);
      sender.answered(message.entries);
    } else if (message.type === 'epochCommand') followCommand(message);
    else if (message.type === 'error') {
      log.error('the relay reports an error', { code: message.error.code, message: message.error.message });
    }
  };

  const onState = (state: ConnectionState): void => {
    if (state.type === 'live') return;
    sessionId = null;
    floor.left();
    sender.stop();
  };

  const connection: Connection = createConnection(deps, {
    url: options.relay,
    token: options.token,
    hello: () => ({
      eventId: identity.eventId,
      nodeId: identity.nodeId,
      clientVersion: CLIENT_VERSION,
      capabilities: { forward: ['ipico'], epochCommand: true },
      ...(identity.label === null ? {} : { label: identity.label.slice(0, 128) }),
      readers: [...readers()],
    }),
    heartbeat: options.heartbeat,
    handlers: { onWelcome, onMessage, onReads: () => {}, onState },
  });

  const tellStatus = (): void => {
    connection.send({ type: 'heartbeat', sentAt: Math.max(0, deps.clock.now()), ...options.heartbeat() });
  };

  connection.connect();
  return {
    wake: sender.wake,
    tellStatus,
    state: connection.state,
    isFenced: sender.isFenced,
    isReadOnly: floor.isReadOnly,
    close: () => {
      floor.left();
      connection.close();
    },
  };
};
