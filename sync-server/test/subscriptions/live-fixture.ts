import { get as httpGet, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { RelayFixture } from '../http/relay-fixture.ts';

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload: {
    readonly subId?: string;
    readonly code?: string;
    readonly message?: string;
    readonly resumed?: boolean;
    readonly complete?: boolean;
    readonly place?: string;
    readonly at?: number;
    readonly documents?: readonly Document[];
    readonly delta?: Delta;
  };
}

export interface Document {
  readonly id: string;
  readonly version: number;
  readonly [field: string]: unknown;
}

export interface Delta {
  readonly type: 'create' | 'update' | 'delete';
  readonly id: string;
  readonly document?: Document;
  readonly timestamp: number;
}

type Base = Pick<RelayFixture, 'base'>;

/** Resolves with what a look finds, now or after a later change. */
const createWaiting = () => {
  const checks = new Set<() => void>();
  return {
    changed: (): void => {
      for (const check of [...checks]) check();
    },
    for: <T>(find: () => T | undefined | null | false): Promise<T> =>
      new Promise((found) => {
        const check = (): void => {
          const it = find();
          if (it === undefined || it === null || it === false) return;
          checks.delete(check);
          found(it);
        };
        checks.add(check);
        check();
      }),
  };
};

/** A client of the live socket and all that it was told. */
export interface LiveClient {
  readonly socket: WebSocket;
  readonly messages: readonly Message[];
  readonly say: (message: object | string) => void;
  readonly subscribe: (id: string, payload: object) => Promise<Message>;
  readonly until: <T>(find: (messages: readonly Message[]) => T | undefined | null | false) => Promise<T>;
  readonly untilClosed: () => Promise<{ readonly code: number; readonly reason: string }>;
  readonly events: (subId: string) => readonly Delta[];
  readonly snapshot: (subId: string) => readonly Document[] | null;
}

export const openLive = (
  { base }: Base,
  token: string | null = null,
  options: { readonly autoPong?: boolean } = {},
): Promise<LiveClient> =>
  new Promise((resolve, reject) => {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    const socket = new WebSocket(`${base.replace('http', 'ws')}/api/v1/live`, { headers, ...options });
    const messages: Message[] = [];
    const waiting = createWaiting();
    let closed: { code: number; reason: string } | null = null;
    socket.on('message', (data: Buffer) => {
      messages.push(JSON.parse(data.toString('utf8')) as Message);
      waiting.changed();
    });
    socket.once('close', (code, reason) => {
      closed = { code, reason: reason.toString('utf8') };
      waiting.changed();
    });
    socket.on('error', reject);
    const say = (message: object | string): void =>
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const until: LiveClient['until'] = (find) => waiting.for(() => find(messages));
    socket.once('open', () =>
      resolve({
        socket,
        messages,
        say,
        until,
        untilClosed: () => waiting.for(() => closed),
        subscribe: (id, payload) => {
          const from = messages.length;
          say({ id, type: 'subscribe', payload });
          return until((all) => all.slice(from).find((it) => it.id === id));
        },
        events: (subId) =>
          messages.flatMap(({ type, payload }) =>
            type === 'event' && payload.subId === subId ? (payload.delta ?? []) : [],
          ),
        snapshot: (subId) => {
          const parts = messages.filter(({ type, payload }) => type === 'snapshot' && payload.subId === subId);
          return parts.at(-1)?.payload.complete === true
            ? parts.flatMap(({ payload }) => payload.documents ?? [])
            : null;
        },
      }),
    );
  });

/** What a client holds that merges snapshot and events as it should. */
export const heldBy = ({ messages }: Pick<LiveClient, 'messages'>, subId: string): ReadonlyMap<string, Document> => {
  const held = new Map<string, Document>();
  for (const { type, payload } of messages) {
    if (payload.subId !== subId) continue;
    if (type === 'resync') held.clear();
    for (const document of type === 'snapshot' ? (payload.documents ?? []) : []) held.set(document.id, document);
    const { delta } = payload;
    if (delta?.type === 'delete') held.delete(delta.id);
    else if (delta?.document !== undefined) held.set(delta.id, delta.document);
  }
  return held;
};

export interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: Message['payload'];
}

export interface EventStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The whole body of an answer that is no stream. */
  readonly body: () => unknown;
  readonly events: () => readonly StreamEvent[];
  readonly comments: () => number;
  readonly until: <T>(find: () => T | undefined | null | false) => Promise<T>;
  readonly ended: () => boolean;
  readonly close: () => void;
}

const fieldOf = (block: string, field: string): string | null =>
  block
    .split('\n')
    .find((line) => line.startsWith(`${field}: `))
    ?.slice(field.length + 2) ?? null;

export const openStream = (
  { base }: Base,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> =>
  new Promise((resolve, reject) => {
    const waiting = createWaiting();
    let text = '';
    let ended = false;
    const request = httpGet(
      `${base}/api/v1/live/sse?${new URLSearchParams(query)}`,
      { headers, agent: false },
      (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          waiting.changed();
        });
        const over = (): void => {
          ended = true;
          waiting.changed();
        };
        response.once('close', over);
        const blocks = (): readonly string[] => text.split('\n\n').slice(0, -1);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: () => JSON.parse(text) as unknown,
          events: () =>
            blocks().flatMap((block) => {
              const [event, data] = [fieldOf(block, 'event'), fieldOf(block, 'data')];
              if (event === null || data === null) return [];
              return [{ event, id: fieldOf(block, 'id'), data: JSON.parse(data) as Message['payload'] }];
            }),
          comments: () => blocks().filter((block) => block.startsWith(': ')).length,
          until: waiting.for,
          ended: () => ended,
          close: () => request.destroy(),
        });
      },
    );
    request.once('error', (error) => (text === '' ? reject(error) : undefined));
  });
