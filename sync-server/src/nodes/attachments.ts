import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { Capabilities, ClaimedHealth, NodeState } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type { Registry } from '../registry/registry.ts';
import type { AttachmentRecord, Role } from '../storage/records.ts';
import type { Change, NodeChange, NodeKey } from '../storage/store.ts';
import { type Health, type LivenessThresholds, stateOf } from './liveness.ts';
import { type Beat, createPulses, type Pulses, type Transition } from './pulses.ts';
import { createVerdicts, type VerdictOf } from './verdicts.ts';
import { refusalOfVerdict } from './version-floor.ts';

export interface AttachRequest extends NodeKey {
  readonly role: Role;
  readonly label: string | null;
  readonly clientVersion: string;
  readonly capabilities: Capabilities;
  readonly health: ClaimedHealth;
  /** Attaching and declaring what it can do in one step, as a hello on a socket does. */
  readonly declares: boolean;
}

export interface Attached {
  readonly attachmentId: string;
  readonly state: NodeState;
  readonly readOnly: boolean;
  readonly attachedAt: number;
}

export interface Declaration {
  readonly capabilities: Capabilities;
  readonly health?: ClaimedHealth | undefined;
}

export interface Declared {
  readonly state: NodeState;
  readonly updatedAt: number;
}

/** A node of an event as it is now, attached or not. */
export interface NodeView extends AttachmentRecord {
  readonly state: NodeState;
  readonly health: Health;
  readonly readOnly: boolean;
  readonly lastHeartbeatAt: number;
  readonly skewMs: number | null;
}

/**
 * Which nodes are attached, how well they are, and what their versions let them do. Attaching, leaving and
 * revoking are durable and decided by the store; health lives in memory only.
 */
export interface Attachments {
  /** `changes` are stored with the attachment, or not at all. */
  readonly attach: (request: AttachRequest, changes?: readonly Change[]) => Promise<Result<Attached, Refusal>>;
  readonly heartbeat: (node: NodeKey, beat: Beat) => Result<void, Refusal>;
  /** Replaces the capabilities as a whole; the first that are not empty end `registering`. A write. */
  readonly declare: (node: NodeKey, declaration: Declaration) => Promise<Result<Declared, Refusal>>;
  /** Idempotent; nodes nobody knows are left alone. */
  readonly detach: (node: NodeKey) => Promise<Result<void, Refusal>>;
  /** For good. `role` is kept when the node has never attached. */
  readonly revoke: (node: NodeKey, role: Role) => Promise<Result<void, Refusal>>;
  /** Why the node may not write now, by its version and the event's floor as they are now; null when it may. */
  readonly refuseWrite: (node: NodeKey) => Refusal | null;
  readonly isRevoked: (node: NodeKey) => boolean;
  readonly health: (node: NodeKey) => Health;
  readonly nodes: (eventId: EventId) => readonly NodeView[];
  /** The event in which a node has its place, or had it last. */
  readonly eventOf: (nodeId: NodeId) => EventId | null;
  /** Calls nodes degraded and offline that have been silent for too long; runs by itself every `sweepMs`. */
  readonly sweep: () => readonly Transition[];
  readonly stop: () => void;
}

export interface AttachmentsDeps {
  readonly registry: Pick<Registry, 'event' | 'attachment' | 'attachments' | 'attachmentsOf' | 'change' | 'onChange'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly journal: Log;
}

export interface AttachmentsOptions extends LivenessThresholds {
  readonly sweepMs: number;
}

/** More transitions at once than this are told in one line. */
const MAX_TOLD = 20;
/** The version of a node that has never told one. */
const LOWEST_VERSION = '0.0';

const REVOKED = refusal('NODE_REVOKED', 'the node was revoked for good; set it up again under another id');
const NOT_ATTACHED = refusal('CONFLICT', 'the node is not attached here; attach it again');

const NOT_THERE_TO_DECLARE = refusal('NODE_CAPABILITY_CONFLICT', 'the node is not attached; attach it, then declare');
const CLAIMS_TOO_MUCH = refusal(
  'NODE_CAPABILITY_CONFLICT',
  'a registering node becomes online by declaring what it can do, not by saying so',
);

interface Parts {
  readonly deps: AttachmentsDeps;
  readonly pulses: Pulses;
  readonly verdictOf: VerdictOf;
}

const healthOf = ({ pulses }: Parts, node: NodeKey): Health => pulses.get(node)?.health ?? 'offline';

const isAttached = ({ deps }: Parts, node: NodeKey): boolean => deps.registry.attachment(node)?.standing === 'attached';

/** Places in other events that a sweep found empty. Only of the attachment that was seen: a newer one stays. */
const emptyPlaces = (parts: Parts, { nodeId, eventId }: NodeKey): readonly NodeChange[] =>
  parts.deps.registry
    .attachmentsOf(nodeId)
    .filter((it) => it.eventId !== eventId && it.standing === 'attached' && healthOf(parts, it) === 'offline')
    .map((it) => ({ type: 'detachNode', node: { nodeId, eventId: it.eventId }, attaches: it.attaches }));

const attach = async (
  parts: Parts,
  request: AttachRequest,
  changes: readonly Change[],
): Promise<Result<Attached, Refusal>> => {
  const { registry, ids, clock } = parts.deps;
  const { declares, health, nodeId, eventId, role, label, clientVersion, capabilities } = request;
  const verdict = parts.verdictOf(eventId, clientVersion);
  const malformed = verdict.type === 'malformed-floor' ? refusalOfVerdict(verdict) : null;
  if (malformed !== null) return err(malformed);
  const told = { nodeId, eventId, role, label, clientVersion, capabilities, declared: declares };
  const attachment = { ...told, attachmentId: ids.uuid(), attachedAt: clock.now() };
  const stored = await registry.change([
    ...emptyPlaces(parts, request),
    ...changes,
    { type: 'attachNode', attachment },
  ]);
  if (!stored.ok) return stored;
  const record = registry.attachment(request);
  if (record === undefined) return err(refusal('NOT_FOUND', 'the event was deleted'));
  parts.pulses.beat(request, { health });
  const { attachmentId, attachedAt } = record;
  // by the floor as it is now: it may have risen while the disk was busy
  const readOnly = parts.verdictOf(eventId, clientVersion).type !== 'read-write';
  return ok({ attachmentId, attachedAt, state: stateOf(record, health), readOnly });
};

/** The record of a node that has its place here, or why it has none. */
const placed = ({ deps }: Parts, node: NodeKey, otherwise: Refusal): Result<AttachmentRecord, Refusal> => {
  const record = deps.registry.attachment(node);
  if (record?.standing === 'revoked') return err(REVOKED);
  return record?.standing === 'attached' ? ok(record) : err(otherwise);
};

const beat = ({ deps, pulses }: Parts, node: NodeKey, it: Beat): void => {
  const transition = pulses.beat(node, it);
  if (transition?.from !== 'offline') return;
  deps.journal.info('a node is back', { nodeId: node.nodeId, eventId: node.eventId, health: transition.to });
};

const heartbeat = (parts: Parts, node: NodeKey, it: Beat): Result<void, Refusal> => {
  const record = placed(parts, node, NOT_ATTACHED);
  if (!record.ok) return record;
  beat(parts, node, it);
  return ok(undefined);
};

const refuseWrite = (parts: Parts, node: NodeKey): Refusal | null => {
  const record = parts.deps.registry.attachment(node);
  if (record?.standing === 'revoked') return REVOKED;
  return refusalOfVerdict(parts.verdictOf(node.eventId, record?.clientVersion ?? LOWEST_VERSION));
};

/** Whether what a node declares may be, and whether it has declared itself then. */
const judgeDeclaration = (
  parts: Parts,
  node: NodeKey,
  { capabilities, health }: Declaration,
): Result<{ readonly declared: boolean }, Refusal> => {
  const record = placed(parts, node, NOT_THERE_TO_DECLARE);
  if (!record.ok) return record;
  const below = refuseWrite(parts, node);
  if (below !== null) return err(below);
  const isEmpty = Object.keys(capabilities).length === 0;
  if (health === 'online' && isEmpty && !record.value.declared) return err(CLAIMS_TOO_MUCH);
  return ok({ declared: record.value.declared || !isEmpty });
};

const declare = async (
  parts: Parts,
  { nodeId, eventId }: NodeKey,
  declaration: Declaration,
): Promise<Result<Declared, Refusal>> => {
  const { registry, clock } = parts.deps;
  const node = { nodeId, eventId };
  const judged = judgeDeclaration(parts, node, declaration);
  if (!judged.ok) return judged;
  const { capabilities } = declaration;
  const stored = await registry.change([{ type: 'declareNode', node, capabilities, declared: judged.value.declared }]);
  if (!stored.ok) return stored;
  const record = placed(parts, node, NOT_THERE_TO_DECLARE);
  if (!record.ok) return record;
  const asBefore = healthOf(parts, node) === 'degraded' ? 'degraded' : 'online';
  beat(parts, node, { health: declaration.health ?? asBefore });
  return ok({ state: stateOf(record.value, healthOf(parts, node)), updatedAt: clock.now() });
};

const revoke = async (
  { deps, pulses }: Parts,
  { nodeId, eventId }: NodeKey,
  role: Role,
): Promise<Result<void, Refusal>> => {
  const { registry, ids, clock } = deps;
  const node = { nodeId, eventId };
  const known = registry.attachment(node);
  if (known?.standing === 'revoked') return ok(undefined);
  const never = { label: null, clientVersion: LOWEST_VERSION, capabilities: {}, declared: false };
  const fresh = { ...node, ...never, role, attachmentId: ids.uuid(), attachedAt: clock.now() };
  const stored = await registry.change([{ type: 'revokeNode', attachment: known ?? fresh }]);
  if (stored.ok) pulses.still(node);
  return stored;
};

const viewOf = (parts: Parts, record: AttachmentRecord): NodeView => {
  const pulse = parts.pulses.get(record);
  const health = record.standing === 'attached' ? healthOf(parts, record) : 'offline';
  return {
    ...record,
    health,
    state: stateOf(record, health),
    readOnly: parts.verdictOf(record.eventId, record.clientVersion).type !== 'read-write',
    lastHeartbeatAt: pulse?.lastHeartbeatAt ?? record.attachedAt,
    skewMs: pulse?.skewMs ?? null,
  };
};

const sweep = ({ deps, pulses }: Parts): readonly Transition[] => {
  const transitions = pulses.sweep();
  const offline = transitions.filter((it) => it.to === 'offline');
  if (offline.length > MAX_TOLD) deps.journal.warn('nodes fell silent', { nodes: offline.length });
  else for (const { nodeId, eventId } of offline) deps.journal.warn('a node fell silent', { nodeId, eventId });
  return transitions;
};

/** The attached one, else the newest. */
const eventOf = ({ deps }: Parts, nodeId: NodeId): EventId | null => {
  const all = [...deps.registry.attachmentsOf(nodeId)].sort((a, b) => b.attachedAt - a.attachedAt);
  return (all.find((it) => it.standing === 'attached') ?? all[0])?.eventId ?? null;
};

/** What others do to records shows in the pulses, too. */
const follow = (parts: Parts, changes: readonly Change[]): void => {
  for (const it of changes) {
    if (it.type === 'deleteEvent') parts.pulses.forget((node) => node.eventId === it.eventId);
    if (it.type === 'detachNode' && !isAttached(parts, it.node)) parts.pulses.still(it.node);
  }
};

/** @param deps the registry is loaded: nodes that were attached before a restart have from now on to say something */
export const createAttachments = (deps: AttachmentsDeps, options: AttachmentsOptions): Attachments => {
  const { registry } = deps;
  const parts: Parts = {
    deps,
    pulses: createPulses({ clock: deps.clock, timers: deps.timers, thresholds: options }),
    verdictOf: createVerdicts(deps),
  };
  for (const it of registry.attachments()) if (it.standing === 'attached') parts.pulses.expect(it, it.attachedAt);
  const sweeping = deps.timers.every(options.sweepMs, () => sweep(parts));
  const stopFollowing = registry.onChange((changes) => follow(parts, changes));

  return {
    attach: (request, changes = []) => attach(parts, request, changes),
    heartbeat: (node, it) => heartbeat(parts, node, it),
    declare: (node, declaration) => declare(parts, node, declaration),
    detach: async ({ nodeId, eventId }) => {
      const node = { nodeId, eventId };
      return isAttached(parts, node) ? registry.change([{ type: 'detachNode', node }]) : ok(undefined);
    },
    revoke: (node, role) => revoke(parts, node, role),
    refuseWrite: (node) => refuseWrite(parts, node),
    isRevoked: (node) => registry.attachment(node)?.standing === 'revoked',
    health: (node) => healthOf(parts, node),
    nodes: (eventId) => {
      const here = registry.attachments().filter((it) => it.eventId === eventId);
      return here.map((it) => viewOf(parts, it));
    },
    eventOf: (nodeId) => eventOf(parts, nodeId),
    sweep: () => sweep(parts),
    stop: () => {
      sweeping.clear();
      stopFollowing();
    },
  };
};
