import {
  type DownMessage,
  encodePush,
  PROTOCOL_VERSION,
  type PushFrame,
  type UpMessageInput,
} from '@baton/schema/protocol';
import WebSocket from 'ws';

/** A bare `/sync` connection: no journal, no reconnects, nothing but the wire. */
export interface SyncPeer {
  readonly push: (frame: PushFrame) => void;
  readonly send: (message: UpMessageInput) => void;
  /** Binary frames as they come, undecoded. */
  readonly onReads: (listener: (frame: Uint8Array) => void) => void;
  readonly onMessage: (listener: (message: DownMessage) => void) => void;
  readonly close: () => void;
}

export const openSyncPeer = (
  url: string,
  token: string,
  hello: {
    readonly eventId: string;
    readonly nodeId: string;
    readonly readers: readonly string[];
    readonly capabilities?: Readonly<Record<string, boolean>>;
  },
): Promise<SyncPeer> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, ['baton.v1'], {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    let listener: (message: DownMessage) => void = () => {};
    let readsListener: (frame: Uint8Array) => void = () => {};
    const peer: SyncPeer = {
      send: (message) => socket.send(JSON.stringify(message)),
      onReads: (it) => {
        readsListener = it;
      },
      push: (frame) => socket.send(encodePush(frame)),
      onMessage: (it) => {
        listener = it;
      },
      close: () => socket.close(),
    };
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, clientVersion: '0.1', ...hello })),
    );
    socket.on('error', reject);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) return readsListener(data);
      const message = JSON.parse(data.toString('utf8')) as DownMessage;
      if (message.type === 'welcome') resolve(peer);
      else if (message.type === 'error') reject(new Error(message.error.message));
      else listener(message);
    });
  });

const BEAT_MS = 10_000;

/** Lets the relay hear of peers that may say nothing for long: it gives up those that are silent for a minute. Returns the way to stop. */
export const keepBeating = (peers: Iterable<SyncPeer>): (() => void) => {
  const all = [...peers];
  const beat = setInterval(() => {
    for (const peer of all) peer.send({ type: 'heartbeat' });
  }, BEAT_MS);
  return () => clearInterval(beat);
};
