import type { EventId, NodeId } from '@baton/schema/ids';
import type { Clock, Log, Random, Timers } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import type { Selection } from '@baton/schema/selection';
import { createConnection } from '../connection/connection.ts';
import type { OpenSocket } from '../connection/socket.ts';
import { createPullClient, type PullClient, type PullClientOptions } from '../reads/pull-client.ts';
import type { PullStatus } from '../reads/pull-status.ts';
import type { Replica } from './replica.ts';

/** Where a replica is filled from. */
export interface PullSource {
  /** Address of the relay: `https://relay.example`. */
  readonly relay: string;
  /** Of the role `receiver`, given for this event and node. */
  readonly token: string;
  readonly eventId: EventId;
  readonly nodeId: NodeId;
  readonly selection: Selection;
}

export interface PullPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly openSocket: OpenSocket;
}

export interface RunningPull {
  /** Null until the replica has said what it holds. */
  readonly status: () => PullStatus | null;
  readonly end: () => Promise<void>;
}

/** Fills a replica from a relay, whenever there is one. `onStatus` is told after each change. */
export const pullFrom = (
  ports: PullPorts,
  source: PullSource,
  replica: Replica,
  onStatus: (status: PullStatus) => void,
  tuning: Partial<PullClientOptions> = {},
): RunningPull => {
  const { relay, token, eventId, nodeId, selection } = source;
  const hello = () => ({ eventId, nodeId, clientVersion: CLIENT_VERSION });
  let running: PullClient | null = null;

  const start = async (): Promise<PullClient> => {
    const client = await createPullClient(
      {
        ...ports,
        replica,
        openConnection: (handlers) => createConnection(ports, { url: relay, token, hello, handlers }),
      },
      { ...tuning, selection },
    );
    client.onStatus(onStatus);
    client.connect();
    running = client;
    return client;
  };

  const starting = start();
  return {
    status: () => running?.status() ?? null,
    end: async () => (await starting).close(),
  };
};
