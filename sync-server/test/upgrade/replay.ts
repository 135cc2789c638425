import { DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import { type Conversation, dataOf, type RecordedFrame } from '@baton/testkit/recorded';
import { WebSocket } from 'ws';

const kindOfBytes = ([kind, sync]: Uint8Array): string => {
  if (kind !== DOC_MESSAGE.sync) return `bytes ${kind}`;
  // an answer comes as a step 2, or as updates and a step 2, as the document happens to be stored
  return sync === SYNC_MESSAGE.step1 ? 'step 1' : 'update';
};

/** What a frame is, whatever it says: a type, a kind, or the number that a binary one begins with. */
export const kindOf = (data: string | Uint8Array): string => {
  if (typeof data !== 'string') return kindOfBytes(data);
  const message: { readonly type?: string; readonly kind?: string } = JSON.parse(data);
  return message.type ?? message.kind ?? '';
};

/** Says of one time and one relay. */
const VOLATILE = new Set([
  'asOf',
  'attachmentId',
  'createdAt',
  'hub',
  'place',
  'serverTime',
  'session_id',
  'sessionId',
  'statusChangedAt',
  'timestamp',
  'updatedAt',
  'version',
]);
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu;

const lasting = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll(UUID, 'some-id');
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, it]) => (VOLATILE.has(name) ? [] : [[lasting(name), lasting(it)]])),
  );
};

/** A frame's meaning: bytes as they are, JSON without what only one moment can say. */
export const meaningOf = (data: string | Uint8Array): unknown =>
  typeof data === 'string' ? lasting(JSON.parse(data)) : Buffer.from(data).toString('base64');

export interface ReplayOptions {
  readonly base: string;
  /** Null: there is none. */
  readonly token: string | null;
  /** The token comes in a message, not with the upgrade. */
  readonly saysToken?: boolean;
  /** Frames of one kind may come together now that came one by one then: one of each is waited for, and this at the end. */
  readonly until?: (heard: readonly (string | Uint8Array)[]) => boolean;
  /** What somebody else does before a frame of this kind can come. */
  readonly before?: Readonly<Record<string, () => Promise<unknown>>>;
}

interface Line {
  readonly socket: WebSocket;
  readonly heard: readonly (string | Uint8Array)[];
  /** Resolves once it is so; rejects when the socket is closed before. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>;
}

const open = async (path: string, { base, token, saysToken = false }: ReplayOptions): Promise<Line> => {
  const offered = token === null || saysToken ? [] : ['baton.v1', `bearer.${token}`];
  const socket = new WebSocket(`${base.replace('http', 'ws')}${path}`, offered);
  const heard: (string | Uint8Array)[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const it of [...waiting]) it();
  };
  socket.on('message', (data, isBinary) => {
    heard.push(isBinary ? new Uint8Array(data as Buffer) : String(data));
    look();
  });
  socket.on('close', look);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const until: Line['until'] = (what, isSo) =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const isThere = isSo();
        if (!isThere && socket.readyState === socket.OPEN) return;
        waiting.delete(check);
        if (isThere) resolve();
        else reject(new Error(`closed before ${what} came; heard ${heard.map(kindOf).join(', ')}`));
      };
      waiting.add(check);
      check();
    });
  return { socket, heard, until };
};

/** Session ids and tokens of the recording become those of now. */
const translator = ({ frames }: Conversation, { token }: ReplayOptions) => {
  const sessionOf = (all: readonly (string | Uint8Array)[]): string | null => {
    for (const it of all) {
      const id = typeof it === 'string' ? /"session_id":"([^"]+)"/u.exec(it)?.[1] : undefined;
      if (id !== undefined) return id;
    }
    return null;
  };
  const recorded = sessionOf(frames.flatMap((it) => dataOf(it) ?? []));
  return (text: string, heard: readonly (string | Uint8Array)[]): string => {
    const withToken = token === null ? text : text.replace(/"token":"[^"]+"/u, `"token":"${token}"`);
    return recorded === null ? withToken : withToken.replaceAll(recorded, sessionOf(heard) ?? '');
  };
};

/**
 * Says to a relay of today what a client said then, each frame once the relay has answered what was answered before it, and
 * gives back what the relay says to it.
 */
export const replay = async (
  conversation: Conversation,
  options: ReplayOptions,
): Promise<readonly (string | Uint8Array)[]> => {
  const line = await open(conversation.path, options);
  const translate = translator(conversation, options);
  const counts = new Map<string, number>();
  const done = new Set<string>();

  const hear = async (data: string | Uint8Array): Promise<void> => {
    const kind = kindOf(data);
    const act = options.before?.[kind];
    if (act !== undefined && !done.has(kind)) {
      done.add(kind);
      await act();
    }
    const count = options.until === undefined ? (counts.get(kind) ?? 0) + 1 : 1;
    counts.set(kind, count);
    await line.until(kind, () => line.heard.filter((it) => kindOf(it) === kind).length >= count);
  };
  const say = (data: string | Uint8Array): void =>
    line.socket.send(typeof data === 'string' ? translate(data, line.heard) : data);

  const step = async (frame: RecordedFrame): Promise<void> => {
    const data = dataOf(frame);
    if (data === null) return;
    if (frame.from === 'client') say(data);
    else await hear(data);
  };
  for (const frame of conversation.frames) await step(frame);
  await line.until('the last of it', () => options.until?.(line.heard) ?? true);
  const closed = new Promise((resolve) => line.socket.once('close', resolve));
  line.socket.close();
  await closed;
  return line.heard;
};
