import { type DownMessage, PROTOCOL_VERSION, type Target } from '@baton/schema/protocol';
import WebSocket from 'ws';

/** What a relay says of one epoch to whoever selects its stream: its head, whether it is sealed, and its hash. Null: nothing. */
export const targetAt = (
  url: string,
  token: string,
  wanted: { readonly eventId: string; readonly streamId: string; readonly epoch: number },
): Promise<Target | null> =>
  new Promise((resolve, reject) => {
    const { eventId, streamId, epoch } = wanted;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, ['baton.v1'], {
      headers: { authorization: `Bearer ${token}` },
    });
    const say = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('open', () => say({ type: 'hello', protocol: PROTOCOL_VERSION, clientVersion: '0.1', eventId }));
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the relay closed the session: ${code}`)));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const message = isBinary ? null : (JSON.parse(data.toString('utf8')) as DownMessage);
      if (message?.type === 'welcome') say({ type: 'select', selection: { mode: 'manual', streams: [streamId] } });
      if (message?.type !== 'applied') return;
      resolve(message.targets.find((it) => it.streamId === streamId && it.epoch === epoch) ?? null);
      socket.close();
    });
  });
