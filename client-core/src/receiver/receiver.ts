import { StreamList } from '@baton/schema/http';
import type { StreamId } from '@baton/schema/ids';
import type { Clock, Log, Random, Timers } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { type Pair, pairFromKey } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Selection } from '@baton/schema/selection';
import { createConnection } from '../connection/connection.ts';
import type { OpenSocket } from '../connection/socket.ts';
import type { FollowDoc } from '../doc/doc-client.ts';
import { askIdentity, searchIdentity } from '../http/own-identity.ts';
import type { RelayApi } from '../http/relay-api.ts';
import type { RepairError } from '../reads/epoch-repair.ts';
import { createPullClient } from '../reads/pull-client.ts';
import type { PullStatus } from '../reads/pull-status.ts';
import type { Replica } from '../replica/replica.ts';
import { beginCsvFile } from './csv-file.ts';
import { beginDbfFile, type IsStart } from './dbf-file.ts';
import { type FileOutput, type ReadsFile, type WrittenFile, writeFileOutput } from './file-output.ts';
import type { IdentityStore, ReceiverIdentity } from './identity.ts';
import { scopeText } from './read-scope.ts';
import type { SelectionStore } from './selection-store.ts';
import { createSelectionSync, type SelectionSync } from './selection-sync.ts';
import { createSetupSync, type SetupSync } from './setup-sync.ts';
import { type ServedOutput, serveOutput, type TcpOutput, type TcpServeDeps } from './tcp-serve.ts';

export interface ReceiverDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly openSocket: OpenSocket;
  readonly listen: TcpServeDeps['listen'];
  readonly api: RelayApi;
  readonly replica: Replica;
  readonly selection: SelectionStore;
  readonly identity: IdentityStore;
  readonly followDoc: FollowDoc;
}

export interface ReceiverOptions {
  readonly relay: string;
  readonly token: string;
  /** Null: not known yet; it is asked for until it is. */
  readonly identity: ReceiverIdentity | null;
  readonly outputs: readonly TcpOutput[];
  readonly files: readonly FileOutput[];
}

/** What `GET /api/v1/status` says. */
export interface ReceiverStatus extends Pick<PullStatus, 'connection' | 'selection' | 'warnings' | 'streams'> {
  readonly relay: string;
}

/** A stream that may be selected. What only the relay knows is null while it cannot be asked. */
export interface SelectableStream {
  readonly streamId: StreamId;
  readonly forwarderId: string | null;
  readonly reader: string | null;
  readonly label: string | null;
  /** The stream's current epoch, and its head at the relay. */
  readonly epoch: number | null;
  readonly head: number | null;
  /** Reads held here, all epochs. */
  readonly held: number;
}

/** A receiver: a durable replica of what is selected, served to local programs, with or without a network. */
export interface Receiver {
  readonly status: () => ReceiverStatus;
  readonly selection: () => Selection;
  /** Stores the selection, in the receiver's document too, then follows it, connected or not. */
  readonly select: (selection: Selection) => Promise<Result<void, SelectionNotStored>>;
  readonly streams: () => Promise<readonly SelectableStream[]>;
  /** Drops what is held of a selected epoch and pulls it again. */
  readonly repair: (pair: Pair) => Promise<Result<void, RepairError>>;
  readonly connect: () => void;
  readonly disconnect: () => void;
  /** Local outputs that could be opened. */
  readonly outputs: readonly ServedOutput[];
  readonly close: () => Promise<void>;
}

export interface SelectionNotStored {
  readonly type: 'selection-not-stored';
  readonly message: string;
}

/** One that cannot be opened is told in one line; the others go on. */
const openOutputs = async (deps: ReceiverDeps, outputs: readonly TcpOutput[]): Promise<readonly ServedOutput[]> => {
  const open: ServedOutput[] = [];
  for (const output of outputs) {
    const served = await serveOutput(deps, output);
    if (served.ok) open.push(served.value);
    else deps.log.error('reads cannot be served', { output: scopeText(output.scope), reason: served.error.message });
  }
  return open;
};

/** Whether a stream stands at the start of a race, as far as the replica knows. */
const standsAtStart =
  (replica: Replica): IsStart =>
  async (streamId) => {
    const found = await replica.query(STARTS, [streamId]);
    return found.ok && found.value.length > 0;
  };

const STARTS = `SELECT FROM streams s JOIN points p ON p.point_id = s.point_id
WHERE s.stream_id = $1 AND p.kind = 'start' LIMIT 1`;

const openFiles = (deps: ReceiverDeps, files: readonly FileOutput[]): readonly WrittenFile[] =>
  files.map((output) => {
    const begin = (path: string): Promise<ReadsFile> =>
      /\.dbf$/i.test(path) ? beginDbfFile(path, standsAtStart(deps.replica)) : beginCsvFile(path);
    return writeFileOutput({ ...deps, begin }, output);
  });

/** Opens the outputs and begins to connect. The replica stays the caller's to close. */
export const createReceiver = async (deps: ReceiverDeps, options: ReceiverOptions): Promise<Receiver> => {
  const { replica, log, api } = deps;
  let { identity } = options;
  let wanted = true;
  let setupSync: SetupSync | null = null;
  let selectionSync: SelectionSync | null = null;
  /** The identity on its way to the disk. */
  let keeping: Promise<void> = Promise.resolve();

  const pull = await createPullClient(
    {
      ...deps,
      openConnection: (handlers) =>
        createConnection(deps, {
          url: options.relay,
          token: options.token,
          hello: () => helloOf(identity),
          handlers,
        }),
    },
    { selection: deps.selection.current() },
  );

  const stopSelecting = deps.selection.onChange(pull.select);

  const follow = (known: ReceiverIdentity): void => {
    pull.connect();
    setupSync ??= createSetupSync(deps, known.eventId);
    selectionSync ??= createSelectionSync(deps, known);
  };

  const connect = (): void => {
    wanted = true;
    if (identity !== null) follow(identity);
  };

  const disconnect = async (): Promise<void> => {
    wanted = false;
    pull.disconnect();
    const ending = [setupSync, selectionSync];
    setupSync = null;
    selectionSync = null;
    await Promise.all(ending.map((it) => it?.close()));
  };

  /** Streams and the event are asked for with each session; a replica that was rebuilt begins without setup, too. */
  const refreshSetup = (): void => setupSync?.refresh();
  const stopWatching = replica.onChange(({ type }) => {
    if (type === 'rebuilt') refreshSetup();
  });
  let connection = pull.status().connection;
  pull.onStatus((status) => {
    if (status.connection === 'catching-up' && connection !== 'catching-up') refreshSetup();
    connection = status.connection;
  });

  const adopt = (found: ReceiverIdentity): void => {
    const { eventId } = deps.identity;
    if (eventId !== null && eventId !== found.eventId) {
      log.error('the token is of another event than this data directory; take another directory', {
        event: found.eventId,
        directory: eventId,
      });
      return;
    }
    identity = found;
    keeping = deps.identity.keep(found).catch((error: unknown) => {
      log.warn('the identity could not be kept; the next start needs the relay', { error: String(error) });
    });
    if (wanted) follow(found);
  };

  const outputs = await openOutputs(deps, options.outputs);
  const files = openFiles(deps, options.files);
  const ask = () => askIdentity(api, 'receiver');
  const stopSearch = identity === null ? searchIdentity({ ...deps, ask }, adopt) : () => {};
  connect();

  return {
    status: () => {
      const status = pull.status();
      return {
        connection: status.connection,
        relay: options.relay,
        selection: status.selection,
        warnings: status.warnings,
        streams: status.streams,
      };
    },
    selection: deps.selection.current,
    select: async (selection) => {
      try {
        await deps.selection.store(selection);
      } catch (error) {
        return err({ type: 'selection-not-stored', message: String(error) });
      }
      return ok(undefined);
    },
    repair: pull.repair,
    streams: async () => listStreams(api, replica, identity),
    connect,
    disconnect: () => void disconnect(),
    outputs,
    close: async () => {
      stopSearch();
      await Promise.all([disconnect(), keeping]);
      stopSelecting();
      stopWatching();
      await Promise.all([...outputs, ...files].map((output) => output.close()));
      await pull.close();
    },
  };
};

const helloOf = (identity: ReceiverIdentity | null) => {
  // the connection is begun only once it is known
  if (identity === null) throw new Error('a receiver connects only once its identity is known');
  const { eventId, nodeId, label } = identity;
  return {
    eventId,
    nodeId,
    clientVersion: CLIENT_VERSION,
    capabilities: { receive: true },
    ...(label === null ? {} : { label }),
  };
};

const heldByStream = async (replica: Replica): Promise<ReadonlyMap<StreamId, number>> => {
  const held = new Map<StreamId, number>();
  for (const [key, seq] of await replica.clock()) {
    const pair = pairFromKey(key);
    if (pair !== null) held.set(pair.streamId, (held.get(pair.streamId) ?? 0) + seq);
  }
  return held;
};

const UNKNOWN = { forwarderId: null, reader: null, label: null, epoch: null, head: null } as const;

/** The relay's list where it can be asked, with what is held here; else what is held here. */
const listStreams = async (
  api: RelayApi,
  replica: Replica,
  identity: ReceiverIdentity | null,
): Promise<readonly SelectableStream[]> => {
  const held = await heldByStream(replica);
  const rows = new Map<StreamId, SelectableStream>();
  for (const [streamId, reads] of held) rows.set(streamId, { streamId, ...UNKNOWN, held: reads });
  const known = identity === null ? null : await api.call('GET', `/streams?eventId=${identity.eventId}`, StreamList);
  for (const it of known?.ok ? known.value.streams : []) {
    const { streamId, forwarderId, reader, label, epoch, head } = it;
    rows.set(streamId, { streamId, forwarderId, reader, label, epoch, head, held: held.get(streamId) ?? 0 });
  }
  return [...rows.values()].sort((a, b) => (a.streamId < b.streamId ? -1 : 1));
};
