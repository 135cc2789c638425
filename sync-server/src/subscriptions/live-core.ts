import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';
import type { Access } from '../auth/access.ts';
import type { DocRooms } from '../docs/doc-rooms.ts';
import type { Quotas } from '../limits/quotas.ts';
import type { ReadLog } from '../log/read-log.ts';
import type { Attachments } from '../nodes/attachments.ts';
import type { NodePresence } from '../nodes/node-presence.ts';
import type { Registry } from '../registry/registry.ts';
import type { Rosters } from '../setup/rosters.ts';
import type { Setups } from '../setup/setups.ts';
import type { Spectators } from '../spectators/spectators.ts';

/** What collections are made from, and who may see them. */
export interface LiveCore {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly docs: DocRooms;
  readonly nodes: NodePresence;
  readonly attachments: Attachments;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly spectators: Spectators;
  readonly quotas: Quotas;
  readonly access: Access;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Between two pieces of long work. */
  readonly pace: Pace;
  readonly ids: Ids;
  readonly journal: Log;
}
