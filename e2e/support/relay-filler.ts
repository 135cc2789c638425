import { createHash } from 'node:crypto';
import { StreamId } from '@baton/schema/ids';
import { type DownMessage, encodePush, PROTOCOL_VERSION } from '@baton/schema/protocol';
import { encodeBatch, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import WebSocket from 'ws';

const BATCH = 500;
const WINDOW = 8;
const HEARTBEAT_MS = 10_000;
const START = Date.UTC(2026, 4, 17, 9) / 10;

/** One stream of a relay that is filled as fast as it takes it, without readers and journals. */
export interface RelayFiller {
  readonly streamId: string;
  /** Adds so many reads; resolves once the relay has them on disk. */
  readonly add: (count: number) => Promise<void>;
  /** Goes on to epoch 2, in which nothing comes: the relay seals the first. */
  readonly seal: () => void;
  readonly count: () => number;
  /** SHA-256 of every line with a line feed, in order: what whoever has them all must have. */
  readonly hash: () => string;
  readonly close: () => void;
}

const lineOf = (index: number): Uint8Array =>
  new TextEncoder().encode(
    renderIpicoLine({
      readerId: 0,
      tag: `0580${(index % 997).toString(16).padStart(8, '0')}`,
      iCount: index % 7,
      qCount: 1,
      wallHundredths: START + index * 3,
      extra: null,
      kind: 'RAW',
    }),
  );

const greet = (url: string, token: string, hello: object): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, ['baton.v1'], {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    socket.on('open', () => socket.send(JSON.stringify(hello)));
    socket.on('error', reject);
    socket.once('message', () => resolve(socket));
  });

export const openRelayFiller = async (
  url: string,
  {
    eventId,
    nodeId,
    token,
    skip = 0,
  }: {
    readonly eventId: string;
    readonly nodeId: string;
    readonly token: string;
    /** Lines left out at first: another device says others under the same numbers. */
    readonly skip?: number;
  },
): Promise<RelayFiller> => {
  const hello = { type: 'hello', protocol: PROTOCOL_VERSION, clientVersion: '0.1', eventId, nodeId, readers: ['mat'] };
  const socket = await greet(url, token, hello);
  // a relay gives up a node that says nothing for a minute
  const beating = setInterval(() => socket.send(JSON.stringify({ type: 'heartbeat' })), HEARTBEAT_MS);
  const streamId = StreamId.parse(`${nodeId}.mat`);
  const all = createHash('sha256');
  let count = 0;
  let pushId = 0;

  const batch = (size: number) => {
    const firstSeq = count + 1;
    const reads = Array.from({ length: size }, (_, at) =>
      readFromLine(lineOf(skip + count + at), START * 10 + count + at),
    );
    for (const { raw } of reads) all.update(raw).update('\n');
    count += size;
    return { streamId, epoch: 1, firstSeq, pushId: ++pushId, batch: encodeBatch(reads) };
  };

  return {
    streamId,
    add: (wanted) =>
      new Promise((resolve, reject) => {
        let left = wanted;
        let open = 0;
        const push = (): void => {
          while (open < WINDOW && left > 0) {
            const size = Math.min(BATCH, left);
            socket.send(encodePush(batch(size)));
            left -= size;
            open++;
          }
        };
        const closed = (code: number): void => reject(new Error(`the relay closed the session: ${code}`));
        const hear = (data: Buffer, isBinary: boolean): void => {
          const message = isBinary ? null : (JSON.parse(data.toString('utf8')) as DownMessage);
          if (message?.type !== 'pushed') return;
          const refused = message.entries.find(({ outcome }) => outcome !== 'accepted');
          if (refused !== undefined) reject(new Error(`push ${refused.pushId}: ${refused.outcome}`));
          open -= message.entries.length;
          push();
          if (left > 0 || open > 0) return;
          socket.off('message', hear);
          socket.off('close', closed);
          resolve();
        };
        socket.on('message', hear);
        socket.once('close', closed);
        push();
      }),
    seal: () =>
      socket.send(JSON.stringify({ type: 'epochOpened', streamId, epoch: 2, ended: [{ epoch: 1, seq: count }] })),
    count: () => count,
    hash: () => all.copy().digest('hex'),
    close: () => {
      clearInterval(beating);
      socket.close();
    },
  };
};
