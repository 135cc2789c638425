import {
  CommandFailure,
  type CommandIo,
  type CommandSpec,
  type HostPort,
  hostPort,
  list,
  type OptionValues,
  oneOf,
  requiredText,
  text,
  UsageError,
} from '@baton/schema/command';
import { RaceId, StreamId } from '@baton/schema/ids';
import { createJsonLog, type Log } from '@baton/schema/ports';
import type { Selection } from '@baton/schema/selection';
import { createDocClient } from '../doc/doc-client.ts';
import { askIdentity } from '../http/own-identity.ts';
import { createRelayApi, type RelayApi } from '../http/relay-api.ts';
import { NodeDocSocket } from '../platform/node/doc-socket.ts';
import { systemClock, systemRandom, systemTimers } from '../platform/node/runtime.ts';
import { listenTcp } from '../platform/node/tcp.ts';
import { openWsSocket } from '../platform/node/ws-socket.ts';
import { createControlHandler } from '../receiver/control-api.ts';
import { type ControlServer, serveControl } from '../receiver/control-server.ts';
import { type IdentityStore, openIdentityStore, type ReceiverIdentity } from '../receiver/identity.ts';
import { createReceiver, type Receiver, type ReceiverDeps } from '../receiver/receiver.ts';
import { openSelectionStore } from '../receiver/selection-store.ts';
import type { TcpOutput } from '../receiver/tcp-serve.ts';
import { openPgliteReplica } from '../replica/pglite-replica.ts';
import type { Replica } from '../replica/replica.ts';
import { RELAY_OPTIONS, relayAccess } from './relay-options.ts';

interface ReceiveConfig {
  readonly relay: string;
  readonly token: string;
  readonly dataDir: string;
  /** Null: the stored one. */
  readonly selection: Selection | null;
  readonly outputs: readonly TcpOutput[];
  readonly control: HostPort | null;
}

const SCOPES = ['all', 'current'] as const;

const streamOf = (option: string, value: string): StreamId => {
  const streamId = StreamId.safeParse(value);
  if (!streamId.success)
    throw new UsageError(`--${option}: expected a stream id like box-1.mat, got ${value.slice(0, 80)}`);
  return streamId.data;
};

const parseSelection = (options: OptionValues): Selection | null => {
  const race = text(options, 'race');
  const scope = oneOf(options, 'scope', SCOPES);
  const streams = list(options, 'stream').map((it) => streamOf('stream', it));
  if (race !== undefined && streams.length > 0)
    throw new UsageError('--race: expected either a race or streams, got both');
  if (race === undefined && scope !== undefined) throw new UsageError('--scope: expected with --race only');
  if (race === undefined) return streams.length === 0 ? null : { mode: 'manual', streams };
  const raceId = RaceId.safeParse(race);
  if (!raceId.success) throw new UsageError(`--race: expected a race id, got ${JSON.stringify(race.slice(0, 80))}`);
  return { mode: 'race', raceId: raceId.data, epochScope: scope ?? 'all' };
};

const parseOutput = (value: string): TcpOutput => {
  const match = /^([^=,]+)=(\d{1,5})(?:,from=(start|now))?$/.exec(value);
  const [, stream = '', port = '', from] = match ?? [];
  if (match === null || Number(port) > 65_535) {
    throw new UsageError(`--tcp: expected STREAM=PORT[,from=start|now], got ${JSON.stringify(value.slice(0, 80))}`);
  }
  return { streamId: streamOf('tcp', stream), port: Number(port), from: from === 'now' ? 'now' : 'start' };
};

const parseOutputs = (values: readonly string[]): readonly TcpOutput[] => {
  const outputs = values.map(parseOutput);
  const ports = outputs.map(({ port }) => port).filter((port) => port !== 0);
  const twice = ports.find((port, index) => ports.indexOf(port) !== index);
  if (twice !== undefined) throw new UsageError(`--tcp: expected different ports, got ${twice} twice`);
  return outputs;
};

/** Whoever reaches the control API may change the selection: it is for this machine alone. */
const parseControl = (value: string | undefined): HostPort | null => {
  if (value === undefined) return null;
  const at = hostPort('control', value);
  if (!['127.0.0.1', 'localhost', '::1'].includes(at.host)) {
    throw new UsageError(`--control: expected a loopback address like 127.0.0.1:8790, got ${value.slice(0, 80)}`);
  }
  return at;
};

const parseConfig = (options: OptionValues): ReceiveConfig => ({
  ...relayAccess(options),
  dataDir: requiredText(options, 'data-dir'),
  selection: parseSelection(options),
  outputs: parseOutputs(list(options, 'tcp')),
  control: parseControl(text(options, 'control')),
});

const openReplica = async (dataDir: string, log: Log): Promise<Replica> => {
  const owner = `process ${process.pid} (baton receive)`;
  const opened = await openPgliteReplica({ timers: systemTimers, log }, { dataDir, owner });
  if (!opened.ok) throw new CommandFailure(opened.error.message);
  return opened.value;
};

/** Asks a relay that is there before anything is served, so that a wrong token ends in one line. */
const knowIdentity = async (api: RelayApi, store: IdentityStore, log: Log): Promise<ReceiverIdentity | null> => {
  if (store.known !== null) return store.known;
  const asked = await askIdentity(api, 'receiver');
  if (!asked.ok && asked.error.type === 'refused') throw new CommandFailure(`--token: ${asked.error.message}`);
  if (!asked.ok) {
    log.warn('the relay cannot be reached; what is held here is served', { reason: asked.error.message });
    return null;
  }
  const { eventId } = asked.value;
  if (store.eventId !== null && store.eventId !== eventId) {
    throw new CommandFailure(
      `--data-dir: it holds event ${store.eventId}, the token is of ${eventId}; take another directory`,
    );
  }
  return asked.value;
};

/** Who this receiver is, and where that is kept. */
interface Credentials {
  readonly api: RelayApi;
  readonly store: IdentityStore;
  readonly identity: ReceiverIdentity | null;
}

const presentToken = async ({ relay, token, dataDir }: ReceiveConfig, log: Log): Promise<Credentials> => {
  const api = createRelayApi({ relay, token, answerMs: 5000 });
  const store = await openIdentityStore(dataDir, token, log);
  return { api, store, identity: await knowIdentity(api, store, log) };
};

const startReceiver = async (
  config: ReceiveConfig,
  { api, store, identity }: Credentials,
  replica: Replica,
  log: Log,
): Promise<Receiver> => {
  const { relay, token, dataDir, outputs } = config;
  if (identity !== null && store.known === null) await store.keep(identity);
  const selection = await openSelectionStore(dataDir, log);
  if (config.selection !== null) await selection.store(config.selection);
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log, WebSocket: NodeDocSocket };
  const deps: ReceiverDeps = {
    ...ports,
    openSocket: openWsSocket,
    listen: listenTcp,
    api,
    replica,
    selection,
    identity: store,
    followDoc: (name, doc) => createDocClient(ports, { relay, token, name, ...(doc === undefined ? {} : { doc }) }),
  };
  return createReceiver(deps, { relay, token, identity, outputs });
};

/** A port that somebody asked for and does not get is found now, not when the scoring software misses it. */
const checkOutputs = (asked: readonly TcpOutput[], served: readonly TcpOutput[]): void => {
  const missing = asked.filter((output) => !served.some((it) => it.streamId === output.streamId && fits(it, output)));
  if (missing.length === 0) return;
  const names = missing.map(({ streamId, port }) => `${streamId}=${port}`).join(' ');
  throw new CommandFailure(`--tcp: cannot serve ${names}: the port is in use or not allowed; choose another or 0`);
};

const fits = (served: TcpOutput, asked: TcpOutput): boolean => asked.port === 0 || served.port === asked.port;

const openControl = async (at: HostPort, receiver: Receiver, log: Log): Promise<ControlServer> => {
  const control = await serveControl(at, createControlHandler(receiver), log);
  if (!control.ok) throw new CommandFailure(`--control: ${control.error.message}`);
  return control.value;
};

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The first line of stdout: what is served, and where. */
const firstLine = ({ control }: ReceiveConfig, receiver: Receiver, server: ControlServer | null): string => {
  const words = receiver.outputs.map(({ streamId, port }) => `${streamId}=${port}`);
  if (control !== null && server !== null) words.push(`control http://${hostText(control.host)}:${server.port}`);
  return ['receiving', ...words].join(' ');
};

/** A full or vanished disk is told in one line; anything else is a defect and passes on. */
const asFailure = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new CommandFailure(`the data directory failed: ${error.message}`)
    : error;

const receive = async (config: ReceiveConfig, io: CommandIo): Promise<void> => {
  const log = createJsonLog({ clock: systemClock, write: io.err });
  // before the replica, which takes seconds to make: a wrong token is told at once, and leaves nothing behind
  const credentials = await presentToken(config, log);
  const replica = await openReplica(config.dataDir, log);
  let receiver: Receiver | null = null;
  let control: ControlServer | null = null;
  try {
    receiver = await startReceiver(config, credentials, replica, log);
    checkOutputs(config.outputs, receiver.outputs);
    if (config.control !== null) control = await openControl(config.control, receiver, log);
    io.out(firstLine(config, receiver, control));
    await io.stopped;
  } catch (error) {
    throw asFailure(error);
  } finally {
    await control?.close();
    await receiver?.close();
    await replica.close();
  }
};

/** `baton receive`: a durable replica of what is selected, served to local programs. */
export const receiveCommand: CommandSpec = {
  name: 'receive',
  summary: 'a durable replica of the selected reads, served to scoring software, with or without a network',
  options: [
    ...RELAY_OPTIONS,
    { name: 'race', value: 'ID', help: 'select the epochs mapped to this race' },
    { name: 'scope', value: 'S', help: 'of --race: all its epochs (the default), or only those that are current' },
    { name: 'stream', value: 'ID', help: 'select this stream; may be given several times', repeat: true },
    { name: 'data-dir', value: 'DIR', help: 'directory of the replica; one receiver each', default: './receiver' },
    {
      name: 'tcp',
      value: 'STREAM=PORT',
      help: 'serve a stream on 127.0.0.1, exact lines with CRLF; with ,from=now a client gets only what comes after it connected; may be given several times',
      repeat: true,
    },
    {
      name: 'control',
      value: 'HOST:PORT',
      help: 'serve the control API on this loopback address; port 0 for any free one',
    },
  ],
  run: (options, _args, io) => receive(parseConfig(options), io),
};
