import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { Access } from './auth/access.ts';
import type { DocRooms } from './docs/doc-rooms.ts';
import type { Quotas } from './limits/quotas.ts';
import type { ReadLog } from './log/read-log.ts';
import type { Attachments } from './nodes/attachments.ts';
import type { NodePresence } from './nodes/node-presence.ts';
import type { Registry } from './registry/registry.ts';
import type { Rosters } from './setup/rosters.ts';
import type { Setups } from './setup/setups.ts';
import type { Spectators } from './spectators/spectators.ts';
import type { LiveSubscriptions } from './subscriptions/live-subscriptions.ts';
import type { Connections } from './transport/connections.ts';
import type { Pause } from './work/pauses.ts';

/**
 * All parts of a relay, for what uses many of them: HTTP routes and sessions. Each part says beside its own code what it
 * offers, and asks for those that it needs by name; `relay.ts` builds them.
 */
export interface RelayCore {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly docs: DocRooms;
  readonly nodes: NodePresence;
  readonly attachments: Attachments;
  readonly connections: Connections;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly spectators: Spectators;
  readonly live: LiveSubscriptions;
  readonly quotas: Quotas;
  readonly access: Access;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Between two pieces of long work. */
  readonly pause: Pause;
  readonly ids: Ids;
  readonly journal: Log;
}
