import type { Replica } from '@baton/client-core';
import {
  createConnection,
  createDocClient,
  createPullClient,
  createRelayApi,
  createSetupSync,
} from '@baton/client-core';
import { NodeDocSocket, openWsSocket, systemClock, systemRandom, systemTimers } from '@baton/client-core/node';
import { EventId, NodeId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { STREAMS } from './streams.ts';

export interface ReceiverSeat {
  readonly url: string;
  readonly token: string;
  readonly eventId: string;
  readonly nodeId: string;
}

/** What `baton receive` does to fill a replica, without its outputs. */
export interface RaceReceiver {
  /** Of frames with reads, so far. */
  readonly readBytes: () => number;
  readonly close: () => Promise<void>;
}

const ports = {
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  log: silentLog,
  WebSocket: NodeDocSocket,
};

/** Connects at once. `withSetup`: follows setup and roster too, without which there are no results. */
export const startRaceReceiver = async (
  seat: ReceiverSeat,
  replica: Replica,
  withSetup: boolean,
): Promise<RaceReceiver> => {
  const { url, token } = seat;
  const [eventId, nodeId] = [EventId.parse(seat.eventId), NodeId.parse(seat.nodeId)];
  let bytes = 0;
  const openSocket: typeof openWsSocket = (target, events) =>
    openWsSocket(target, {
      ...events,
      onMessage: (data) => {
        if (typeof data !== 'string') bytes += data.length;
        events.onMessage(data);
      },
    });
  const pull = await createPullClient(
    {
      ...ports,
      replica,
      openConnection: (handlers) =>
        createConnection(
          { ...ports, openSocket },
          { url, token, hello: () => ({ eventId, nodeId, clientVersion: CLIENT_VERSION }), handlers },
        ),
    },
    { selection: { mode: 'manual', streams: [...STREAMS] } },
  );
  const api = createRelayApi({ relay: url, token });
  const followDoc = (name: string) => createDocClient(ports, { relay: url, token, name });
  const setup = withSetup ? createSetupSync({ ...ports, api, replica, followDoc }, eventId) : null;
  pull.connect();
  return {
    readBytes: () => bytes,
    close: async () => {
      await setup?.close();
      await pull.close();
    },
  };
};
