import type { Clock, Timers } from '@baton/schema/ports';
import type { ClaimedHealth } from '@baton/schema/protocol';
import type { NodeKey } from '../storage/store.ts';
import { type Health, healthOnHeartbeat, judgeSilence, type LivenessThresholds } from './liveness.ts';

/** What is known in memory of one node's life; nothing of it is worth a disk write. */
export interface Pulse extends NodeKey {
  readonly health: Health;
  /** When it was last heard of, by the relay's monotonic clock. */
  readonly heardAt: number;
  /** The same by the relay's wall clock, for showing. */
  readonly lastHeartbeatAt: number;
  /** The node's wall clock minus the relay's, in ms, as its last heartbeat told; includes the way. Null: never told. */
  readonly skewMs: number | null;
}

export interface Beat {
  readonly health: ClaimedHealth;
  /** The node's wall clock when it sent it. */
  readonly sentAt?: number | undefined;
}

export interface Transition extends NodeKey {
  readonly from: Health;
  readonly to: Health;
}

/** Heartbeats in, transitions out. */
export interface Pulses {
  readonly get: (node: NodeKey) => Pulse | undefined;
  /** The node was heard of now; a transition when that changes how well it is. */
  readonly beat: (node: NodeKey, beat: Beat) => Transition | null;
  /** Known from before a restart, and not heard of since: it has from now on to say something. */
  readonly expect: (node: NodeKey, lastHeartbeatAt: number) => void;
  /** It left on purpose, or for good: it is offline, and no sweep looks at it. */
  readonly still: (node: NodeKey) => void;
  readonly forget: (matches: (node: NodeKey) => boolean) => void;
  /** Looks at every node once; the second time in a row there is nothing to tell. */
  readonly sweep: () => readonly Transition[];
}

const keyOf = ({ eventId, nodeId }: NodeKey): string => `${eventId}/${nodeId}`;

export const createPulses = (deps: {
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'mono'>;
  readonly thresholds: LivenessThresholds;
}): Pulses => {
  const { clock, timers, thresholds } = deps;
  const pulses = new Map<string, Pulse>();

  const becomes = (pulse: Pulse, to: Health): Transition => {
    const { nodeId, eventId, health: from } = pulse;
    pulses.set(keyOf(pulse), { ...pulse, health: to });
    return { nodeId, eventId, from, to };
  };

  return {
    get: (node) => pulses.get(keyOf(node)),
    beat: ({ nodeId, eventId }, { health: claimed, sentAt }) => {
      const key = keyOf({ nodeId, eventId });
      const old = pulses.get(key);
      const now = clock.now();
      const skewMs = sentAt === undefined ? (old?.skewMs ?? null) : sentAt - now;
      const health = healthOnHeartbeat(claimed);
      pulses.set(key, { nodeId, eventId, health, heardAt: timers.mono(), lastHeartbeatAt: now, skewMs });
      return old === undefined || old.health === health ? null : { nodeId, eventId, from: old.health, to: health };
    },
    expect: ({ nodeId, eventId }, lastHeartbeatAt) => {
      const heardAt = timers.mono();
      pulses.set(keyOf({ nodeId, eventId }), {
        nodeId,
        eventId,
        health: 'degraded',
        heardAt,
        lastHeartbeatAt,
        skewMs: null,
      });
    },
    still: (node) => {
      const pulse = pulses.get(keyOf(node));
      if (pulse !== undefined) pulses.set(keyOf(node), { ...pulse, health: 'offline' });
    },
    forget: (matches) => {
      for (const [key, pulse] of pulses) if (matches(pulse)) pulses.delete(key);
    },
    sweep: () => {
      const now = timers.mono();
      const transitions: Transition[] = [];
      for (const pulse of pulses.values()) {
        const outcome = judgeSilence(pulse.health, now - pulse.heardAt, thresholds);
        if (outcome.type === 'becomes') transitions.push(becomes(pulse, outcome.health));
      }
      return transitions;
    },
  };
};
