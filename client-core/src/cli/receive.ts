import { CommandFailure, type CommandIo, type HostPort, type OptionValues } from '@baton/schema/command';
import { createJsonLog, type Log } from '@baton/schema/ports';
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
import { scopeText } from '../receiver/read-scope.ts';
import { createReceiver, type Receiver, type ReceiverDeps } from '../receiver/receiver.ts';
import { openSelectionStore } from '../receiver/selection-store.ts';
import { createSqlPrompt } from '../receiver/sql-prompt.ts';
import type { TcpOutput } from '../receiver/tcp-serve.ts';
import { openPgliteReplica } from '../replica/pglite-replica.ts';
import type { Replica } from '../replica/replica.ts';
import { parseReceive, type ReceiveConfig } from './receive-config.ts';

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
  const { relay, token, dataDir, outputs, files } = config;
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
  return createReceiver(deps, { relay, token, identity, outputs, files });
};

/** A port that somebody asked for and does not get is found now, not when the scoring software misses it. */
const checkOutputs = (asked: readonly TcpOutput[], served: readonly TcpOutput[]): void => {
  const missing = asked.filter((output) => !served.some((it) => fits(it, output)));
  if (missing.length === 0) return;
  const names = missing.map(({ scope, port }) => `${scopeText(scope)}=${port}`).join(' ');
  throw new CommandFailure(`--tcp: cannot serve ${names}: the port is in use or not allowed; choose another or 0`);
};

const fits = (served: TcpOutput, asked: TcpOutput): boolean =>
  scopeText(served.scope) === scopeText(asked.scope) && (asked.port === 0 || served.port === asked.port);

const openControl = async (at: HostPort, receiver: Receiver, log: Log): Promise<ControlServer> => {
  const control = await serveControl(at, createControlHandler(receiver), log);
  if (!control.ok) throw new CommandFailure(`--control: ${control.error.message}`);
  return control.value;
};

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The first line of stdout: what is served, and where. */
const firstLine = ({ control }: ReceiveConfig, receiver: Receiver, server: ControlServer | null): string => {
  const words = receiver.outputs.map(({ scope, port }) => `${scopeText(scope)}=${port}`);
  if (control !== null && server !== null) words.push(`control http://${hostText(control.host)}:${server.port}`);
  return ['receiving', ...words].join(' ');
};

/** A full or vanished disk is told in one line; anything else is a defect and passes on. */
const asFailure = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new CommandFailure(`the data directory failed: ${error.message}`)
    : error;

/** Until the person leaves, or what is piped in ends. */
const converse = async (replica: Replica, io: CommandIo): Promise<void> => {
  const prompt = createSqlPrompt(replica, io.out);
  for await (const line of io.lines?.(prompt.prompt) ?? []) if ((await prompt.line(line)) === 'end') return;
};

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
    await (config.sql ? Promise.race([io.stopped, converse(replica, io)]) : io.stopped);
  } catch (error) {
    throw asFailure(error);
  } finally {
    await control?.close();
    await receiver?.close();
    await replica.close();
  }
};

/** A replica of what is selected, kept and served until stopped. */
export const runReceive = async (options: OptionValues, io: CommandIo): Promise<void> =>
  receive(parseReceive(options), io);
