import type { Clock } from '@baton/schema/ports';
import type { OpenSocket } from '../connection/socket.ts';
import type { RelayApi } from '../http/relay-api.ts';

/** What went over the line to the relay elsewhere, and when it was heard last. */
export interface FarTraffic {
  readonly sentBytes: () => number;
  readonly receivedBytes: () => number;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly heardAt: () => number | null;
  /** As the port that is given, with its connections to that relay watched. */
  readonly openSocket: OpenSocket;
  /** As the API of that relay that is given, with its answers noted. */
  readonly watchApi: (api: RelayApi) => RelayApi;
}

/** A text by its characters, nearly all of which are one byte. */
const sizeOf = (data: string | Uint8Array): number => data.length;

/** @param far whether an address is one of the relay elsewhere */
export const watchFarTraffic = (
  { clock, openSocket }: { readonly clock: Clock; readonly openSocket: OpenSocket },
  far: (url: string) => boolean,
): FarTraffic => {
  let sent = 0;
  let received = 0;
  let heardAt: number | null = null;
  const hear = (): void => {
    heardAt = clock.now();
  };

  const openWatched: OpenSocket = (target, events) => {
    const socket = openSocket(target, {
      ...events,
      onMessage: (data) => {
        received += sizeOf(data);
        hear();
        events.onMessage(data);
      },
    });
    return {
      ...socket,
      send: (data) => {
        sent += sizeOf(data);
        socket.send(data);
      },
    };
  };

  return {
    sentBytes: () => sent,
    receivedBytes: () => received,
    heardAt: () => heardAt,
    openSocket: (target, events) => (far(target.url) ? openWatched : openSocket)(target, events),
    watchApi: (api) => ({
      ...api,
      call: async (method, path, answer, body) => {
        const told = await api.call(method, path, answer, body);
        if (told.ok || told.error.type === 'refused') hear();
        return told;
      },
    }),
  };
};
