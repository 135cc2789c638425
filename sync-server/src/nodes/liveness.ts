import type { ClaimedHealth, NodeState } from '@baton/schema/protocol';
import type { AttachmentRecord } from '../storage/records.ts';

/**
 * How well a node is, by what was heard of it. Pure; `silenceMs` is measured on the relay's monotonic clock, so that a
 * wall clock that is set, here or there, makes nobody look dead.
 *
 * ```text
 *              > degradedMs            > offlineMs
 *    online ───────────────▶ degraded ─────────────▶ offline
 *      │  ▲                                              │▲
 *      │  └──────────────── heartbeat ───────────────────┘│
 *      └───────────── > offlineMs (sweep was late) ───────┘
 * ```
 */
export type Health = 'online' | 'degraded' | 'offline';

export interface LivenessThresholds {
  /** Silence of exactly this long is not yet too long. */
  readonly degradedMs: number;
  readonly offlineMs: number;
}

export type LivenessOutcome =
  | { readonly type: 'stays' }
  | { readonly type: 'becomes'; readonly health: 'degraded' | 'offline' };

const STAYS: LivenessOutcome = { type: 'stays' };

/** What a sweep finds. It never raises: only a heartbeat does. */
export const judgeSilence = (
  health: Health,
  silenceMs: number,
  { degradedMs, offlineMs }: LivenessThresholds,
): LivenessOutcome => {
  if (health === 'offline') return STAYS;
  if (silenceMs > offlineMs) return { type: 'becomes', health: 'offline' };
  return health === 'online' && silenceMs > degradedMs ? { type: 'becomes', health: 'degraded' } : STAYS;
};

/** A heartbeat makes a node as well as it claims to be, whatever it was before. */
export const healthOnHeartbeat = (claimed: ClaimedHealth): Health => claimed;

/** The state of an attachment, from what is stored of it and how well its node is. */
export const stateOf = (record: Pick<AttachmentRecord, 'standing' | 'declared'>, health: Health): NodeState => {
  if (record.standing === 'revoked') return 'revoked';
  if (record.standing === 'detached' || health === 'offline') return 'offline';
  return record.declared ? health : 'registering';
};
