import { randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { type CreatedToken, EventBody, RaceBody } from '@baton/schema/http';
import { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { type Clock, type Log, silentLog, type Timers } from '@baton/schema/ports';
import { encodePush, PROTOCOL_VERSION, SUBPROTOCOL, type UpMessageInput } from '@baton/schema/protocol';
import { encodeBatch, readFromLine } from '@baton/schema/reads';
import { WebSocket } from 'ws';
import { RELAY_OPTIONS, relayConfigOf } from '../../src/config.ts';
import { createHttpApp, type HttpOptions, refusalCounter } from '../../src/http/app.ts';
import { createMetrics, type Metrics } from '../../src/http/metrics.ts';
import { afterTurn, systemClock, systemTimers } from '../../src/platform/node-time.ts';
import { createRelay, type Relay } from '../../src/relay.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { type OnRefusal, tellAll } from '../../src/watching/refusals.ts';

export const ADMIN = 'the-admin-token-of-this-test';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined when the body is no JSON. */
  readonly body: unknown;
}

export interface Ask {
  readonly token?: string | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export interface FixtureOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly journal?: Log;
  readonly http?: Partial<HttpOptions>;
  readonly metrics?: Metrics;
  readonly onRefusal?: OnRefusal;
  readonly onClosing?: (code: number) => void;
  /** Options of the command line that differ from their defaults. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly onFailure?: (message: string) => void;
}

/** A whole relay on a free port of this machine, over the memory store. */
export const startRelay = async (options: FixtureOptions = {}) => {
  const config = relayConfigOf({
    ...Object.fromEntries(RELAY_OPTIONS.map((it) => [it.name, it.default])),
    port: '0',
    'data-dir': 'unused',
    ...options.flags,
  });
  const defects: object[] = [];
  const metrics = options.metrics ?? createMetrics();
  const onRefusal = tellAll(refusalCounter(metrics), options.onRefusal ?? (() => {}));
  const relay: Relay = await createRelay(
    {
      store: options.store ?? createMemoryStore(),
      clock: options.clock ?? systemClock,
      timers: options.timers ?? systemTimers,
      ids: { uuid: randomUUID },
      journal: options.journal ?? { ...silentLog, error: (message, fields) => defects.push({ message, ...fields }) },
      randomBytes,
      afterTurn,
      adminToken: ADMIN,
      onFailure: options.onFailure ?? (() => {}),
      onRefusal,
      ...(options.onClosing === undefined ? {} : { onClosing: options.onClosing }),
      http: (core) => createHttpApp(core, { ...config, pagesDir: null, metrics, onRefusal, ...options.http }),
    },
    { ...config, allowOrigins: options.http?.allowOrigins ?? [] },
  );
  const { port } = await relay.listen();
  const base = `http://127.0.0.1:${port}`;

  const ask = async (
    method: string,
    path: string,
    { token = ADMIN, body, raw, headers }: Ask = {},
  ): Promise<Answer> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(raw !== undefined ? { body: raw } : body !== undefined ? { body: JSON.stringify(body) } : {}),
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };

  /** As `ask`, but nothing is tidied on the way: `fetch` resolves `%2e%2e` and asks caches to step aside. */
  const askAsIs = (method: string, path: string, { token = ADMIN, raw, headers }: Ask = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const authorization = token === null ? {} : { Authorization: `Bearer ${token}` };
      const options = {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...authorization, ...headers },
        agent: false,
      };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const given = Object.entries(response.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]);
          resolve({ status: response.statusCode ?? 0, headers: new Headers(given), text, body: parsed(text) });
        });
      });
      sent.once('error', reject);
      sent.end(raw);
    });

  return { relay, core: relay.core, base, port, ask, askAsIs, defects, close: relay.close };
};

export type RelayFixture = Awaited<ReturnType<typeof startRelay>>;

export const createEvent = async (
  { ask }: RelayFixture,
  eventId: string,
  status: 'draft' | 'startlist' | 'running' = 'running',
): Promise<EventBody> => {
  const made = await ask('POST', '/api/v1/events', {
    body: { eventId, title: `Event ${eventId}`, date: '2026-03-07', timezone: 'Europe/Paris' },
  });
  const path: readonly string[] = { draft: [], startlist: ['startlist'], running: ['startlist', 'running'] }[status];
  for (const next of path) await ask('PATCH', `/api/v1/events/${eventId}/status`, { body: { status: next } });
  return EventBody.parse(made.body);
};

export const createToken = async (
  { ask }: RelayFixture,
  role: string,
  eventId: string,
  nodeId?: string,
): Promise<string> => {
  const made = await ask('POST', '/api/v1/tokens', { body: { role, eventId, ...(nodeId ? { nodeId } : {}) } });
  if (made.status !== 201) throw new Error(`no token: ${made.text}`);
  return (made.body as CreatedToken).token;
};

export const createRace = async ({ ask }: RelayFixture, eventId: string, name = '10 km'): Promise<RaceBody> => {
  const made = await ask('POST', `/api/v1/events/${eventId}/races`, { body: { name } });
  return RaceBody.parse(made.body);
};

export const streamId = (text: string): StreamId => StreamId.parse(text);

/** Lines as a batch, received a millisecond apart. */
export const linesBatch = (lines: readonly string[], receivedAt = 1_772_870_400_000): Uint8Array =>
  encodeBatch(lines.map((line, index) => readFromLine(Buffer.from(line, 'latin1'), receivedAt + index)));

/** Reads in the log as if a forwarder had pushed them: `epochs[e]` are the lines of epoch e. */
export const seedStream = async (
  { core }: RelayFixture,
  eventId: string,
  id: string,
  epochs: Readonly<Record<number, readonly string[]>>,
): Promise<StreamId> => {
  const stream = streamId(id);
  const [forwarderId = '', ...reader] = id.split('.');
  const currentEpoch = Math.max(1, ...Object.keys(epochs).map(Number));
  const put = await core.registry.change([
    {
      type: 'putStream',
      stream: {
        streamId: stream,
        eventId: EventId.parse(eventId),
        forwarderId: NodeId.parse(forwarderId),
        reader: reader.join('.'),
        currentEpoch,
        commandedEpoch: null,
        createdAt: 0,
      },
    },
  ]);
  if (!put.ok) throw new Error(put.error.message);
  for (const [epoch, lines] of Object.entries(epochs)) await appendLines(core, stream, Number(epoch), 1, lines);
  return stream;
};

/** In batches of different sizes, as forwarders send them. */
export const appendLines = async (
  core: RelayFixture['core'],
  stream: StreamId,
  epoch: number,
  firstSeq: number,
  lines: readonly string[],
): Promise<void> => {
  for (let at = 0, size = 1; at < lines.length; at += size, size = (size * 7) % 613 || 1) {
    const part = lines.slice(at, at + size);
    const reply = await core.log.append({
      streamId: stream,
      epoch,
      firstSeq: firstSeq + at,
      batch: linesBatch(part, 1_772_870_400_000 + at),
    });
    if (reply.type !== 'accepted') throw new Error(`append: ${JSON.stringify(reply)}`);
  }
};

/** A node on a real socket: says hello, keeps what comes. With readers it is a forwarder. */
export const attachNode = async (
  fixture: RelayFixture,
  token: string,
  hello: { readonly nodeId: string; readonly eventId: string; readonly readers: readonly string[] },
) => {
  const { nodeId } = hello;
  const socket = new WebSocket(`${fixture.base.replace('http', 'ws')}/sync`, [SUBPROTOCOL, `bearer.${token}`]);
  const messages: { readonly type: string; readonly [key: string]: unknown }[] = [];
  socket.on('message', (data, isBinary) => {
    if (!isBinary) messages.push(JSON.parse(String(data)));
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const until = async (type: string): Promise<(typeof messages)[number]> => {
    for (;;) {
      const found = messages.find((it) => it.type === type);
      if (found !== undefined) return found;
      if (socket.readyState !== socket.OPEN) throw new Error(`closed while waiting for ${type}`);
      await new Promise((resolve) => socket.once('message', resolve));
    }
  };
  socket.send(
    JSON.stringify({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      clientVersion: '0.1',
      capabilities: { test: true },
      ...hello,
    }),
  );
  await until('welcome');
  const push = async (epoch: number, firstSeq: number, lines: readonly string[]): Promise<void> => {
    const at = messages.length;
    socket.send(
      encodePush({ streamId: streamId(`${nodeId}.mat`), epoch, firstSeq, pushId: at, batch: linesBatch(lines) }),
    );
    while (!messages.slice(at).some((it) => it.type === 'pushed')) {
      await new Promise((resolve) => socket.once('message', resolve));
    }
  };
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  };
  const say = (message: UpMessageInput): void => socket.send(JSON.stringify(message));
  return { socket, messages, push, say, close, until };
};

/** A forwarder with one reader, `mat`. */
export const attachForwarder = (fixture: RelayFixture, token: string, nodeId: string, eventId: string) =>
  attachNode(fixture, token, { nodeId, eventId, readers: ['mat'] });
