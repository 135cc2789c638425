import { type Refusal, refusal } from '@baton/schema/errors';
import type { StreamId } from '@baton/schema/ids';
import { encodeBatch } from '@baton/schema/reads';
import { exhaustive } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { decideStreams, pendingCommands } from '../session/greeting.ts';
import { refuseEpoch } from '../session/push.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { type FieldDeps, type FieldSession, refuseIdentity, runFieldSession, type Speaker } from './field-session.ts';
import { type Appended, ackEntries, commandFreshEpoch, planRuns, type Run, refusalOfRun } from './ingest-plan.ts';
import { fieldRefusal } from './wire/error.ts';
import { parseFrame } from './wire/frame.ts';
import { FORWARDER_UP, type ForwarderEventBatch, type ForwarderUp, MAX_READERS } from './wire/messages.ts';

/** A batch of more events is parsed in one turn of the event loop and stored in another. */
const EVENTS_PER_TURN = 1000;

type Up<K extends ForwarderUp['kind']> = Extract<ForwarderUp, { readonly kind: K }>;

/** A session and the streams of the readers it has named. */
interface Forwarder {
  readonly session: FieldSession;
  /** By the reader's name as this peer spells it. */
  readonly readers: Map<string, StreamId>;
}

/** Makes the readers' streams exist; false when the session has ended over it. */
const bind = async ({ session, readers }: Forwarder, names: readonly string[]): Promise<boolean> => {
  const { registry, clock } = session.deps.core;
  const fresh = names.filter((name) => !readers.has(name));
  if (fresh.length === 0) return session.isOpen();
  if (readers.size + fresh.length > MAX_READERS) {
    session.refuse(refusal('PROTOCOL_ERROR', `expected at most ${MAX_READERS} readers`));
    return false;
  }
  const decided = decideStreams(session.device, fresh, registry, clock.now());
  if (!decided.ok) {
    session.refuse(decided.error);
    return false;
  }
  const { changes, streams } = decided.value;
  const full = session.deps.core.quotas.refuseStreams(session.device, changes.length);
  if (full !== null) {
    session.refuse(full);
    return false;
  }
  const stored = changes.length === 0 ? null : await registry.change(changes);
  if (stored?.ok === false) session.refuse(stored.error);
  for (const { reader, streamId } of streams) readers.set(reader, streamId);
  return session.isOpen();
};

const sendCommand = ({ session }: Forwarder, streamId: StreamId, epoch: number): void => {
  const row = session.deps.core.registry.stream(streamId);
  if (row === undefined) return;
  session.send({
    kind: 'epoch_reset_command',
    session_id: session.sessionId,
    forwarder_id: session.device.nodeId,
    reader_ip: row.reader,
    new_stream_epoch: epoch,
  });
};

const takeHello = async (forwarder: Forwarder, hello: Up<'forwarder_hello'>): Promise<void> => {
  const { session, readers } = forwarder;
  const foreign = refuseIdentity(session.device, hello.forwarder_id);
  if (foreign !== null) return session.refuse(foreign);
  if (!(await bind(forwarder, [...new Set(hello.reader_ips)]))) return;
  const version = { clientVersion: hello.client_version, label: hello.display_name ?? null };
  if (!(await session.attach(version))) return;
  const rows = [...readers.values()].flatMap((streamId) => session.deps.core.registry.stream(streamId) ?? []);
  for (const { streamId, epoch } of pendingCommands(rows)) sendCommand(forwarder, streamId, epoch);
};

/** Whether every event may be of this session; ends it when not. Nothing has been stored then. */
const isOwn = ({ session }: Forwarder, batch: ForwarderEventBatch): boolean => {
  const { sessionId, device } = session;
  const foreign = batch.events.find((it) => it.forwarder_id !== device.nodeId);
  if (batch.session_id !== sessionId) {
    session.refuse(fieldRefusal('SESSION_EXPIRED', `the session is ${sessionId}; connect again`));
  } else if (foreign !== undefined) {
    session.refuse(fieldRefusal('IDENTITY_MISMATCH', `an event of another forwarder than ${device.nodeId}`));
  }
  return session.isOpen();
};

const append = async ({ session }: Forwarder, run: Run): Promise<Appended> => {
  const { streamId, epoch, firstSeq, reads } = run;
  return { run, reply: await session.deps.core.log.append({ streamId, epoch, firstSeq, batch: encodeBatch(reads) }) };
};

/** After a conflict the device is to go on in a fresh epoch: stored now, told after its next hello. */
const keepCommands = async ({ session }: Forwarder, all: readonly Appended[]): Promise<void> => {
  const { registry, journal } = session.deps.core;
  for (const { run, reply } of all) {
    const { streamId, epoch } = run;
    if (reply.type !== 'conflict') continue;
    journal.warn('integrity conflict: other bytes under a known number', { streamId, epoch, seq: reply.seq });
    const stored = await registry.editStream(streamId, (it) =>
      commandFreshEpoch(it, { epoch, nextEpoch: reply.nextEpoch }),
    );
    if (!stored.ok) journal.error('a fresh epoch could not be commanded', { streamId, cause: stored.error.message });
  }
};

/** The first epoch that is out of reach. */
const refusedEpoch = ({ session }: Forwarder, runs: readonly Run[]): Refusal | undefined =>
  runs
    .map((run) => {
      const row = session.deps.core.registry.stream(run.streamId);
      return row === undefined ? null : refuseEpoch(row, run.epoch);
    })
    .find((it) => it !== null);

const bytesOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, { reads }) => reads.reduce((bytes, { raw }) => bytes + raw.length, sum), 0);

const streamOf = ({ readers }: Forwarder, reader: string): StreamId => {
  const streamId = readers.get(reader);
  if (streamId === undefined) throw new Error(`reader ${reader} was not bound`);
  return streamId;
};

/** Lets other sockets go first. */
const nextTurn = ({ deps }: FieldSession): Promise<void> => new Promise((resolve) => deps.afterTurn(resolve));

/** All of it is durable before the ack leaves; what was taken is acked even where the rest was refused. */
const takeBatch = async (forwarder: Forwarder, batch: ForwarderEventBatch): Promise<void> => {
  const { session } = forwarder;
  if (!isOwn(forwarder, batch)) return;
  if (batch.events.length > EVENTS_PER_TURN) await nextTurn(session);
  if (session.refuseWrite()) return;
  if (!(await bind(forwarder, [...new Set(batch.events.map((it) => it.reader_ip))]))) return;
  const runs = planRuns(batch.events, (reader) => streamOf(forwarder, reader), session.deps.core.clock.now());
  const outOfReach = refusedEpoch(forwarder, runs);
  if (outOfReach !== undefined) return session.refuse(outOfReach);
  const usedUp = session.takeBytes(bytesOf(runs));
  if (usedUp !== null) return session.refuse(usedUp);
  const all = await Promise.all(runs.map((run) => append(forwarder, run)));
  session.giveBack(bytesOf(all.filter(({ reply }) => reply.type === 'storage-full').map(({ run }) => run)));
  // fenced meanwhile: the newer session sends them again, and is acked
  if (!session.isOpen()) return;
  await keepCommands(forwarder, all);
  const refused = all.map(refusalOfRun).find((it) => it !== null);
  const entries = ackEntries(session.device.nodeId, all);
  if (refused === undefined || entries.length > 0) {
    session.send({ kind: 'forwarder_ack', session_id: session.sessionId, entries: [...entries] });
  }
  if (refused !== undefined) session.refuse(refused);
};

const takeMessage = async (forwarder: Forwarder, message: ForwarderUp): Promise<void> => {
  switch (message.kind) {
    case 'forwarder_hello':
      return takeHello(forwarder, message);
    case 'forwarder_event_batch':
      return takeBatch(forwarder, message);
    case 'heartbeat':
      return;
    default:
      return exhaustive(message);
  }
};

const createForwarder = (session: FieldSession): Speaker => {
  const forwarder: Forwarder = { session, readers: new Map() };
  let greeted = false;
  return {
    take: async (frame) => {
      const parsed = parseFrame(FORWARDER_UP, frame);
      if (parsed.type === 'malformed') return session.refuse(refusal('PROTOCOL_ERROR', parsed.message));
      const isHello = parsed.type === 'message' && parsed.message.kind === 'forwarder_hello';
      if (!greeted && !isHello) return session.refuse(refusal('PROTOCOL_ERROR', 'expected forwarder_hello'));
      greeted = true;
      if (parsed.type === 'message') await takeMessage(forwarder, parsed.message);
    },
    commandEpoch: (streamId, epoch) => sendCommand(forwarder, streamId, epoch),
    wake: () => {},
    stop: () => {},
  };
};

/** Runs one connection of `/ws/v1/forwarders`. */
export const runFieldForwarder = (deps: FieldDeps, socket: PeerSocket, grant: Grant): void =>
  runFieldSession(deps, socket, grant, 'forwarder', createForwarder);
