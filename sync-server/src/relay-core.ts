import type { LiveCore } from './subscriptions/live-core.ts';
import type { LiveSubscriptions } from './subscriptions/live-subscriptions.ts';
import type { Connections } from './transport/connections.ts';

/**
 * All parts of a relay, for what uses many of them: HTTP routes and sessions. Each part says beside its own code what it
 * offers, and asks for those that it needs by name; `relay.ts` builds them.
 */
export interface RelayCore extends LiveCore {
  readonly connections: Connections;
  readonly live: LiveSubscriptions;
}
