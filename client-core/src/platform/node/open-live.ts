import type { EventId } from '@baton/schema/ids';
import { type Log, silentLog } from '@baton/schema/ports';
import { createDocClient } from '../../doc/doc-client.ts';
import { createRelayApi } from '../../http/relay-api.ts';
import type { LiveOptions } from '../../live/live-config.ts';
import { type Live, openLive } from '../../live/open-live.ts';
import { createRelaySource, type RelaySourceOptions } from '../../live/sources/relay-source.ts';
import { NodeDocSocket } from './doc-socket.ts';
import { systemClock, systemRandom, systemTimers } from './runtime.ts';
import { openWsSocket } from './ws-socket.ts';

export interface NodeLiveOptions extends Omit<LiveOptions, 'source'>, Partial<RelaySourceOptions> {
  readonly relay: string;
  readonly token: string;
  readonly eventId: EventId;
  /** Nothing is logged by default. */
  readonly log?: Log;
}

/** Projections and process managers over an event of a relay, in Node: all its streams by default. */
export const openNodeLive = ({ log = silentLog, ...options }: NodeLiveOptions): Live => {
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log };
  const { relay, token } = options;
  const source = createRelaySource(
    {
      ...ports,
      openSocket: openWsSocket,
      api: createRelayApi({ relay, token }),
      followDoc: (name, doc) =>
        createDocClient({ ...ports, WebSocket: NodeDocSocket }, { relay, token, name, ...(doc && { doc }) }),
    },
    { selection: 'event', ...options },
  );
  return openLive(ports, { ...options, source });
};
