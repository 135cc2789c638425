import { type Refusal, refusal } from '@baton/schema/errors';
import type { NodeId } from '@baton/schema/ids';
import {
  CLOSE,
  decodePush,
  encodeReads,
  type HelloMessage,
  MAX_PUSHES_IN_FLIGHT,
  MAX_SYNC_FRAME_BYTES,
  PROTOCOL_VERSION,
  type RelayNode,
  relayNodeOf,
  type UpMessage,
} from '@baton/schema/protocol';
import {
  clockFromJson,
  clockToJson,
  MAX_BATCH_READS,
  type PairKey,
  pairKey,
  type VectorClock,
} from '@baton/schema/reads';
import { exhaustive } from '@baton/schema/result';
import type { Attached } from '../nodes/attachments.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { StreamRecord } from '../storage/records.ts';
import type { NodeKey } from '../storage/store.ts';
import { type Greeting, headsOf, pendingCommands } from './greeting.ts';
import { linkOf, welcomedStreams } from './link.ts';
import { createPump, type Pump } from './pump.ts';
import { createPushSide, type PushSide } from './push.ts';
import { createSelecting, type Selecting } from './selecting.ts';
import type { SessionContext } from './session-context.ts';

type Up<T extends UpMessage['type']> = Extract<UpMessage, { type: T }>;

/** How often a receiver without credit is told how far the log has gone on. */
const HEADS_MS = 500;

/** A session whose hello was accepted. */
export interface JoinedSession {
  readonly take: (message: UpMessage) => void;
  readonly takePush: (frame: Uint8Array) => void;
  readonly wake: () => void;
  readonly stop: () => void;
}

interface Parts {
  readonly context: SessionContext;
  readonly hello: HelloMessage;
  readonly nodeId: NodeId | null;
  /** What a link says of its other end as it attaches; null: the session is none. */
  readonly link: RelayNode | null;
  readonly push: PushSide | null;
  readonly pump: Pump;
  readonly selecting: Selecting;
}

const cursorClock = (registry: Pick<Registry, 'cursors'>, nodeId: NodeId | null): VectorClock => {
  const clock = new Map<PairKey, number>();
  if (nodeId === null) return clock;
  for (const it of registry.cursors(nodeId)) clock.set(pairKey(it.streamId, it.epoch), it.seq);
  return clock;
};

const nodeKeyOf = ({ nodeId, hello }: Pick<Parts, 'nodeId' | 'hello'>): NodeKey | null =>
  nodeId === null ? null : { nodeId, eventId: hello.eventId };

/** Why the node may not write now; pages that only look are no nodes. */
const refuseWrite = (parts: Pick<Parts, 'context' | 'nodeId' | 'hello'>): Refusal | null => {
  const node = nodeKeyOf(parts);
  return node === null ? null : parts.context.deps.core.attachments.refuseWrite(node);
};

const select = async (parts: Parts, message: Up<'select'>): Promise<void> => {
  const { context, nodeId, selecting } = parts;
  const { grant, deps, refuse } = context;
  if (grant.role === 'forwarder' || grant.role === 'viewer') {
    return refuse(refusal('FORBIDDEN', `a ${grant.role} token selects no reads`));
  }
  // the first selection is how a session reads at all; one that would replace it is a write
  const below = selecting.hasSelection() ? refuseWrite(parts) : null;
  if (below !== null) return refuse(below);
  const from = message.clock === undefined ? cursorClock(deps.core.registry, nodeId) : clockFromJson(message.clock);
  const refused = await selecting.select(message.selection, from);
  if (refused !== null) return refuse(refused);
  const { selection } = message;
  if (nodeId !== null) deps.presence.select(nodeId, selection.mode === 'race' ? selection.raceId : null);
};

const ack = async (parts: Parts, message: Up<'ack'>): Promise<void> => {
  const { context, hello, nodeId } = parts;
  const { registry, log } = context.deps.core;
  if (nodeId === null || !context.mayWrite())
    return context.refuse(refusal('FORBIDDEN', 'only an attached node has cursors'));
  const below = refuseWrite(parts);
  if (below !== null) return context.refuse(below);
  const cursors = message.entries
    .filter((it) => registry.stream(it.streamId)?.eventId === hello.eventId)
    .map((it) => ({ receiverId: nodeId, streamId: it.streamId, epoch: it.epoch, seq: Math.min(it.seq, log.head(it)) }))
    .filter((it) => it.seq > 0);
  if (cursors.length === 0) return;
  const stored = await registry.change([{ type: 'raiseCursors', cursors }]);
  if (!stored.ok) context.refuse(stored.error);
};

/** The stream once its forwarder's journal has opened an epoch; null: that changes nothing. */
const openedAt = (stream: StreamRow, epoch: number): StreamRecord | null => {
  const confirmed = stream.commandedEpoch !== null && epoch >= stream.commandedEpoch;
  if (!confirmed && epoch <= stream.currentEpoch) return null;
  const commandedEpoch = confirmed ? null : stream.commandedEpoch;
  return { ...stream, commandedEpoch, currentEpoch: Math.max(stream.currentEpoch, epoch) };
};

/** Whose streams a session may write: a forwarder its own, a link all of its event. */
const mayBring =
  ({ nodeId, link, hello }: Pick<Parts, 'nodeId' | 'link' | 'hello'>) =>
  (stream: StreamRow): boolean =>
    link === null ? stream.forwarderId === nodeId : stream.eventId === hello.eventId;

const epochOpened = async (parts: Parts, message: Up<'epochOpened'>): Promise<void> => {
  const { context } = parts;
  const { registry, log } = context.deps.core;
  const stream = registry.stream(message.streamId);
  if (stream === undefined || !mayBring(parts)(stream) || !context.mayWrite()) {
    return context.refuse(refusal('FORBIDDEN', 'the stream belongs to another forwarder'));
  }
  const below = refuseWrite(parts);
  if (below !== null) return context.refuse(below);
  const stored = await registry.editStream(message.streamId, (it) => openedAt(it, message.epoch));
  if (!stored.ok) return context.refuse(stored.error);
  for (const ended of message.ended) await log.seal({ streamId: message.streamId, epoch: ended.epoch }, ended.seq);
};

const heartbeat = ({ context, hello, nodeId }: Parts, message: Up<'heartbeat'>): void => {
  if (nodeId === null) return;
  const { core, presence } = context.deps;
  const node = { nodeId, eventId: hello.eventId };
  const heard = core.attachments.heartbeat(node, { health: message.health ?? 'online', sentAt: message.sentAt });
  if (!heard.ok) return context.refuse(heard.error);
  presence.heartbeat(nodeId, core.clock.now(), message.readers);
};

const declare = async (parts: Parts, { capabilities }: Up<'capabilities'>): Promise<void> => {
  const node = nodeKeyOf(parts);
  const { context } = parts;
  if (node === null) return context.refuse(refusal('FORBIDDEN', 'only an attached node has capabilities'));
  const declared = await context.deps.core.attachments.declare(node, { capabilities });
  if (!declared.ok) return context.refuse(declared.error);
  const link = parts.link === null ? null : relayNodeOf(capabilities);
  if (link !== null && context.mayWrite()) carry(parts, link);
};

/** From now on these forwarders are spoken to through this session; what they have not confirmed yet is said again. */
const carry = ({ context, hello }: Parts, { forwarders }: RelayNode): void => {
  const { deps, handle } = context;
  deps.presence.carry(handle, hello.eventId, forwarders);
  const there = new Set(forwarders);
  const rows = deps.core.registry.streams(hello.eventId).filter((it) => there.has(it.forwarderId));
  for (const command of pendingCommands(rows)) context.send({ type: 'epochCommand', ...command });
};

/** Leaves its place, then ends. What could not be stored ends too: the sweep will find the place empty. */
const detach = async (parts: Parts): Promise<void> => {
  const node = nodeKeyOf(parts);
  const { context } = parts;
  if (node !== null && context.mayWrite()) await context.deps.core.attachments.detach(node);
  context.end(CLOSE.normal, 'detached');
};

const takeMessage = (parts: Parts, message: UpMessage): void => {
  const { context, pump } = parts;
  switch (message.type) {
    case 'hello':
      return context.fail(refusal('PROTOCOL_ERROR', 'one hello a session'), CLOSE.badFrame);
    case 'select':
      return void select(parts, message).catch(context.defect);
    case 'credit':
      return pump.addCredit(message.reads);
    case 'ack':
      return void ack(parts, message).catch(context.defect);
    case 'epochOpened':
      return void epochOpened(parts, message).catch(context.defect);
    case 'heartbeat':
      return heartbeat(parts, message);
    case 'capabilities':
      return void declare(parts, message).catch(context.defect);
    case 'detach':
      return void detach(parts).catch(context.defect);
    default:
      return exhaustive(message);
  }
};

const takePush = ({ context, push }: Parts, frame: Uint8Array): void => {
  const decoded = decodePush(frame);
  // of a later version: it is told, as with a text frame, and goes on (P26)
  if (!decoded.ok && decoded.error.type === 'unknown-frame') {
    return context.refuse(refusal('PROTOCOL_ERROR', decoded.error.message));
  }
  if (push === null) {
    return context.fail(
      refusal('FORBIDDEN', 'only a forwarder with readers pushes, or a link between relays'),
      CLOSE.forbidden,
    );
  }
  if (!decoded.ok) return context.fail(refusal('PROTOCOL_ERROR', decoded.error.message), CLOSE.badFrame);
  if (push.take(decoded.value)) return;
  const limit = refusal('RATE_LIMITED', `expected at most ${MAX_PUSHES_IN_FLIGHT} pushes in flight`);
  context.fail(limit, CLOSE.tryLater);
};

const welcome = (parts: Parts, greeting: Greeting, attached: Attached | null): void => {
  const { context, hello, link } = parts;
  const { registry, log, clock } = context.deps.core;
  const rows = welcomedStreams(registry, greeting, hello, link !== null);
  context.send({
    type: 'welcome',
    protocol: PROTOCOL_VERSION,
    sessionId: context.sessionId,
    attachmentId: attached?.attachmentId ?? null,
    state: attached?.state ?? null,
    readOnly: attached?.readOnly ?? false,
    serverTime: clock.now(),
    timers: { ...context.deps.timers },
    limits: {
      maxFrameBytes: MAX_SYNC_FRAME_BYTES,
      maxBatchReads: MAX_BATCH_READS,
      maxPushesInFlight: MAX_PUSHES_IN_FLIGHT,
    },
    streams: rows.map((row) => ({
      streamId: row.streamId,
      reader: row.reader,
      epoch: row.currentEpoch,
      head: log.head({ streamId: row.streamId, epoch: row.currentEpoch }),
    })),
    heads: headsOf(rows, registry),
  });
  if (link !== null) return carry(parts, link);
  for (const command of pendingCommands(rows)) context.send({ type: 'epochCommand', ...command });
};

const attach = ({ context, hello, nodeId }: Parts): void => {
  if (nodeId === null) return;
  const now = context.deps.core.clock.now();
  context.deps.presence.attach({
    nodeId,
    eventId: hello.eventId,
    role: context.grant.role,
    label: hello.label ?? context.grant.label,
    clientVersion: hello.clientVersion,
    attachedAt: now,
    lastHeartbeatAt: now,
    selectedRaceId: null,
    session: context.handle,
  });
};

/** Tells how far the log has gone on beyond what credit lets through. */
const createHeadsTeller = ({ context, pump }: Pick<Parts, 'context' | 'pump'>): (() => void) => {
  const { timers, log } = context.deps.core;
  let told = '';
  const timer = timers.every(HEADS_MS, () => {
    const lagging = pump.lagging();
    if (lagging.length === 0) return;
    const heads = clockToJson(new Map(lagging.map((it) => [pairKey(it.streamId, it.epoch), log.head(it)])));
    const text = JSON.stringify(heads);
    if (text === told) return;
    told = text;
    context.send({ type: 'heads', heads });
  });
  return timer.clear;
};

const createParts = (context: SessionContext, hello: HelloMessage, greeting: Greeting): Parts => {
  const { core, views, pumps, afterTurn } = context.deps;
  const pump: Pump = createPump({
    log: core.log,
    send: ({ streamId, epoch }, { firstSeq, batch }) =>
      context.socket.send(encodeReads({ streamId, epoch, firstSeq, batch })),
    bufferedAmount: context.socket.bufferedAmount,
    onCaughtUp: (clock) => context.send({ type: 'caughtUp', clock }),
    onRetargeted: () => pumps.retargeted(pump),
    onError: context.defect,
  });
  const { nodeId } = greeting;
  const link = linkOf(context.grant, greeting, hello);
  const push =
    nodeId === null || (greeting.streams.length === 0 && link === null)
      ? null
      : createPushSide({
          registry: core.registry,
          log: core.log,
          mayBring: mayBring({ nodeId, link, hello }),
          mayAppend: context.mayWrite,
          refuseWrite: () => refuseWrite({ context, hello, nodeId }),
          takeBytes: (bytes) => core.quotas.takeBytes(context.grant, hello.eventId, bytes, 'reads'),
          giveBack: (bytes) => core.quotas.giveBack(context.grant, hello.eventId, bytes),
          answer: (entries) => {
            for (const it of entries) if (it.outcome === 'refused') context.noteRefusal(it.error.code);
            context.send({ type: 'pushed', entries: [...entries] });
          },
          afterTurn,
        });
  const selecting = createSelecting({
    eventId: hello.eventId,
    views,
    registry: core.registry,
    log: core.log,
    pump,
    send: context.send,
  });
  return { context, hello, nodeId, link, push, pump, selecting };
};

/** Opens the session and welcomes the peer; the attachment and the streams of the greeting are stored already. */
export const joinSession = (
  context: SessionContext,
  hello: HelloMessage,
  greeting: Greeting,
  attached: Attached | null,
): JoinedSession => {
  const parts = createParts(context, hello, greeting);
  const { pumps } = context.deps;
  pumps.add(parts.pump);
  attach(parts);
  welcome(parts, greeting, attached);
  const stopTelling = createHeadsTeller(parts);
  return {
    take: (message) => takeMessage(parts, message),
    takePush: (frame) => takePush(parts, frame),
    wake: parts.pump.wake,
    stop: () => {
      stopTelling();
      pumps.remove(parts.pump);
      parts.pump.stop();
      parts.selecting.stop();
    },
  };
};
