import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { Capabilities, ClaimedHealth, NodeState } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type { Registry } from '../relay-core.ts';
import type { AttachmentRecord, Role } from '../storage/records.ts';
import type { Change, NodeChange, NodeKey } from '../storage/store.ts';
import { type Health, type LivenessThresholds, stateOf } from './liveness.ts';
import { type Beat, createPulses, type Transition } from './pulses.ts';
import { judgeVersion, refusalOfVerdict, type VersionVerdict } from './version-floor.ts';

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
  readonly declare: (
    node: NodeKey,
    declaration: Declaration,
  ) => Promise<Result<{ readonly state: NodeState; readonly updatedAt: number }, Refusal>>;
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

const isEmpty = (capabilities: Capabilities): boolean => Object.keys(capabilities).length === 0;

export const createAttachments = (deps: AttachmentsDeps, options: AttachmentsOptions): Attachments => {
  const { registry, clock, journal } = deps;
  const pulses = createPulses({ ...deps, thresholds: options });
  const complained = new Set<string>();

  /** Told once for each such value: whoever asks often must not flood the log. */
  const complain = (eventId: EventId, verdict: VersionVerdict): void => {
    if (verdict.type !== 'malformed-floor') return;
    const what = `${eventId} ${verdict.floor}`;
    if (complained.has(what)) return;
    complained.add(what);
    journal.error('the stored version floor is no version: nobody may write until it is set again', {
      eventId,
      floor: verdict.floor,
    });
  };

  const verdictOf = (eventId: EventId, clientVersion: string): VersionVerdict => {
    const verdict = judgeVersion(clientVersion, registry.event(eventId)?.minClientVersion ?? null);
    complain(eventId, verdict);
    return verdict;
  };

  const healthOf = (node: NodeKey): Health => pulses.get(node)?.health ?? 'offline';

  /** Places in other events that a sweep found empty. Only of the attachment that was seen: a newer one stays. */
  const emptyPlaces = ({ nodeId, eventId }: NodeKey): readonly NodeChange[] =>
    registry
      .attachmentsOf(nodeId)
      .filter((it) => it.eventId !== eventId && it.standing === 'attached' && healthOf(it) === 'offline')
      .map((it) => ({ type: 'detachNode', node: { nodeId, eventId: it.eventId }, attaches: it.attaches }));

  const attach: Attachments['attach'] = async (request, changes = []) => {
    const { declares, health, ...fields } = request;
    const verdict = verdictOf(request.eventId, request.clientVersion);
    const refused = verdict.type === 'malformed-floor' ? refusalOfVerdict(verdict) : null;
    if (refused !== null) return err(refused);
    const attachment = {
      ...fields,
      attachmentId: deps.ids.uuid(),
      declared: declares,
      attachedAt: clock.now(),
    };
    const stored = await registry.change([...emptyPlaces(request), ...changes, { type: 'attachNode', attachment }]);
    if (!stored.ok) return stored;
    const record = registry.attachment(request);
    if (record === undefined) return err(refusal('NOT_FOUND', 'the event was deleted'));
    pulses.beat(request, { health });
    const { attachmentId, attachedAt } = record;
    return ok({ attachmentId, attachedAt, state: stateOf(record, health), readOnly: verdict.type !== 'read-write' });
  };

  const tellRecovery = (transition: Transition | null): void => {
    if (transition === null || transition.from !== 'offline') return;
    journal.info('a node is back', { nodeId: transition.nodeId, eventId: transition.eventId, state: transition.to });
  };

  /** The record of a node that has its place here, or why it has none. */
  const placed = (node: NodeKey, otherwise: Refusal): Result<AttachmentRecord, Refusal> => {
    const record = registry.attachment(node);
    if (record?.standing === 'revoked') return err(REVOKED);
    return record?.standing === 'attached' ? ok(record) : err(otherwise);
  };

  const declare: Attachments['declare'] = async (node, { capabilities, health }) => {
    const conflict = refusal('NODE_CAPABILITY_CONFLICT', 'the node is not attached; attach it, then declare');
    const record = placed(node, conflict);
    if (!record.ok) return record;
    const below = refuseWrite(node);
    if (below !== null) return err(below);
    const claimsTooMuch = health === 'online' && !record.value.declared && isEmpty(capabilities);
    if (claimsTooMuch) {
      const message = 'a registering node becomes online by declaring what it can do, not by saying so';
      return err(refusal('NODE_CAPABILITY_CONFLICT', message));
    }
    const declared = record.value.declared || !isEmpty(capabilities);
    const { nodeId, eventId } = node;
    const stored = await registry.change([{ type: 'declareNode', node: { nodeId, eventId }, capabilities, declared }]);
    if (!stored.ok) return stored;
    const now = registry.attachment(node);
    if (now?.standing !== 'attached') return err(conflict);
    const before = healthOf(node);
    tellRecovery(pulses.beat(node, { health: health ?? (before === 'degraded' ? 'degraded' : 'online') }));
    return ok({ state: stateOf(now, healthOf(node)), updatedAt: clock.now() });
  };

  const refuseWrite = (node: NodeKey): Refusal | null => {
    const record = registry.attachment(node);
    if (record?.standing === 'revoked') return REVOKED;
    return refusalOfVerdict(verdictOf(node.eventId, record?.clientVersion ?? LOWEST_VERSION));
  };

  const revoke: Attachments['revoke'] = async ({ nodeId, eventId }, role) => {
    const known = registry.attachment({ nodeId, eventId });
    if (known?.standing === 'revoked') return ok(undefined);
    const fresh = {
      attachmentId: deps.ids.uuid(),
      nodeId,
      eventId,
      role,
      label: null,
      clientVersion: LOWEST_VERSION,
      capabilities: {},
      declared: false,
      attachedAt: clock.now(),
    };
    const stored = await registry.change([{ type: 'revokeNode', attachment: known ?? fresh }]);
    if (stored.ok) pulses.still({ nodeId, eventId });
    return stored;
  };

  const viewOf = (record: AttachmentRecord): NodeView => {
    const pulse = pulses.get(record);
    const health = record.standing === 'attached' ? healthOf(record) : 'offline';
    return {
      ...record,
      health,
      state: stateOf(record, health),
      readOnly: verdictOf(record.eventId, record.clientVersion).type !== 'read-write',
      lastHeartbeatAt: pulse?.lastHeartbeatAt ?? record.attachedAt,
      skewMs: pulse?.skewMs ?? null,
    };
  };

  const tellTransitions = (transitions: readonly Transition[]): void => {
    const offline = transitions.filter((it) => it.to === 'offline');
    if (offline.length > MAX_TOLD) journal.warn('nodes fell silent', { offline: offline.length });
    else for (const { nodeId, eventId } of offline) journal.warn('a node fell silent', { nodeId, eventId });
  };

  const sweep = (): readonly Transition[] => {
    const transitions = pulses.sweep();
    tellTransitions(transitions);
    return transitions;
  };

  for (const it of registry.attachments()) if (it.standing === 'attached') pulses.expect(it, it.attachedAt);
  const sweeping = deps.timers.every(options.sweepMs, sweep);
  const isLeft = (node: NodeKey): boolean => registry.attachment(node)?.standing !== 'attached';
  const stopFollowing = registry.onChange((changes) => {
    for (const it of changes) if (it.type === 'deleteEvent') pulses.forget((node) => node.eventId === it.eventId);
    for (const it of changes) if (it.type === 'detachNode' && isLeft(it.node)) pulses.still(it.node);
  });

  return {
    attach,
    heartbeat: (node, beat) => {
      const record = placed(node, NOT_ATTACHED);
      if (!record.ok) return record;
      tellRecovery(pulses.beat(node, beat));
      return ok(undefined);
    },
    declare,
    detach: ({ nodeId, eventId }) =>
      registry.attachment({ nodeId, eventId })?.standing === 'attached'
        ? registry.change([{ type: 'detachNode', node: { nodeId, eventId } }])
        : Promise.resolve(ok(undefined)),
    revoke,
    refuseWrite,
    isRevoked: (node) => registry.attachment(node)?.standing === 'revoked',
    health: healthOf,
    nodes: (eventId) =>
      registry
        .attachments()
        .filter((it) => it.eventId === eventId)
        .map(viewOf),
    eventOf: (nodeId) => {
      const all = [...registry.attachmentsOf(nodeId)].sort((a, b) => b.attachedAt - a.attachedAt);
      return (all.find((it) => it.standing === 'attached') ?? all[0])?.eventId ?? null;
    },
    sweep,
    stop: () => {
      sweeping.clear();
      stopFollowing();
    },
  };
};
