import { createHash } from 'node:crypto';
import type { ErrorEnvelope } from '@baton/schema/errors';
import { type EventBody, EventStatus, type StreamBody } from '@baton/schema/http';
import { EventId, NodeId, StreamId, streamIdOf } from '@baton/schema/ids';
import {
  decodePush,
  encodeReads,
  encodeSaved,
  type PushFrame,
  type PushOutcome,
  type Target,
  type UpMessage,
  UpMessageSchema,
} from '@baton/schema/protocol';
import {
  clockFromJson,
  clockToJson,
  decideAppend,
  decodeBatch,
  encodeBatch,
  type PairKey,
  pairFromKey,
  pairKey,
  readFromLine,
  readsOfBatch,
} from '@baton/schema/reads';
import type { FarEnd, SocketPair } from '@baton/testkit';
import * as Y from 'yjs';
import { ABNORMAL_CLOSE } from '../../src/connection/socket.ts';
import type { ApiError, Method, RelayApi } from '../../src/http/relay-api.ts';

export const EVENT = EventId.parse('spring-run');

/** A delivery brings at most so many reads. */
const DELIVERED = 500;

type Hello = Extract<UpMessage, { type: 'hello' }>;

export interface Session {
  readonly pair: SocketPair;
  positions: Map<PairKey, number>;
  streams: readonly StreamId[];
  credit: number;
}

const refusal = (status: number, code: string): ApiError => ({ type: 'refused', status, code, message: code });
const UNKNOWN = refusal(404, 'NOT_FOUND');

const defaultEvent = (): EventBody => ({
  eventId: EVENT,
  title: 'Spring Run',
  date: '2026-04-12',
  timezone: 'Europe/Vienna',
  location: null,
  status: 'running',
  statusChangedAt: 0,
  minClientVersion: null,
  createdAt: 0,
});

const toBytes = (line: string): Uint8Array => new Uint8Array(Buffer.from(line, 'latin1'));

/**
 * A relay as a link sees it, in memory: sessions with credit, the append rule of schema, seals, a clock of heads, and the HTTP
 * routes that a link calls. Frames move when the network is flushed.
 */
export const createModelRelay = (name: string) => {
  const log = new Map<PairKey, Uint8Array[]>();
  const sealed = new Set<PairKey>();
  const streams = new Map<StreamId, { readonly forwarderId: NodeId; readonly reader: string; epoch: number }>();
  const attached = new Set<NodeId>();
  const events = new Map<EventId, EventBody>([[EVENT, defaultEvent()]]);
  const sessions = new Set<Session>();
  const hellos: Hello[] = [];
  const messages: UpMessage[] = [];
  const outcomes: PushOutcome[] = [];
  const asked: string[] = [];
  const documents: SocketPair[] = [];
  let isReachable = true;
  let answersHttp = true;
  let takesSockets = true;
  let closing: { readonly code: number; readonly reason: string } | null = null;
  let refusing: ErrorEnvelope | null = null;
  let deliversMost = Number.POSITIVE_INFINITY;
  let role: 'admin' | 'operator' | 'viewer' = 'operator';
  let docState = new Y.Doc();

  const linesOf = (key: PairKey): Uint8Array[] => {
    const known = log.get(key) ?? [];
    log.set(key, known);
    return known;
  };

  const addStream = (forwarderId: string, reader: string, epoch = 1): StreamId => {
    const id = NodeId.parse(forwarderId);
    const streamId = StreamId.parse(streamIdOf(id, reader));
    if (!streams.has(streamId)) streams.set(streamId, { forwarderId: id, reader, epoch });
    return streamId;
  };

  const heads = () => new Map([...log].map(([key, lines]) => [key, lines.length] as const));

  const hashOf = (key: PairKey): string => {
    const hash = createHash('sha256');
    for (const line of log.get(key) ?? []) hash.update(line).update('\n');
    return hash.digest('hex');
  };

  const targetsOf = ({ streams: selected }: Session): readonly Target[] =>
    [...log.keys()].flatMap((key) => {
      const pair = pairFromKey(key);
      if (pair === null || !selected.includes(pair.streamId)) return [];
      const isSealed = sealed.has(key);
      return [{ ...pair, head: log.get(key)?.length ?? 0, sealed: isSealed, hash: isSealed ? hashOf(key) : null }];
    });

  const tellTargets = (session: Session): void => {
    const selection = { mode: 'manual', streams: [...session.streams] };
    session.pair.send({ type: 'applied', selection, targets: targetsOf(session), warnings: [] });
  };

  /** Sends what a session selected, as far as its credit goes. */
  const deliver = (session: Session): void => {
    for (const [key, lines] of log) {
      const pair = pairFromKey(key);
      if (pair === null || !session.streams.includes(pair.streamId)) continue;
      for (let at = session.positions.get(key) ?? 0; at < lines.length && session.credit > 0; ) {
        const part = lines.slice(at, at + Math.min(DELIVERED, deliversMost));
        const reads = part.map((line) => readFromLine(line, 1_760_000_000_000));
        session.pair.send(encodeReads({ ...pair, firstSeq: at + 1, batch: encodeBatch(reads) }));
        session.credit -= part.length;
        at += part.length;
        session.positions.set(key, at);
      }
    }
  };

  const deliverAll = (): void => {
    for (const session of sessions) deliver(session);
  };

  const append = ({ streamId, epoch, firstSeq, pushId, batch }: PushFrame): PushOutcome => {
    if (refusing !== null) return { pushId, outcome: 'refused', error: refusing };
    const decoded = decodeBatch(batch);
    if (!decoded.ok) throw new Error(decoded.error.message);
    const raws = readsOfBatch(decoded.value, firstSeq).map(({ raw }) => raw);
    const lines = linesOf(pairKey(streamId, epoch));
    const decision = decideAppend({ head: lines.length }, { firstSeq, raws }, (seq) => lines[seq - 1]);
    const { type, head } = decision;
    if (type === 'gap') return { pushId, outcome: type, head, expected: decision.expected };
    if (type === 'conflict') return { pushId, outcome: type, head, seq: decision.seq, nextEpoch: epoch + 1 };
    if (type === 'accepted') lines.push(...raws.slice(decision.fromSeq - firstSeq));
    return { pushId, outcome: type, head };
  };

  const welcome = (session: Session): void =>
    session.pair.send({
      type: 'welcome',
      protocol: 1,
      sessionId: `${name}-${hellos.length}`,
      attachmentId: 'a1',
      state: 'online',
      readOnly: false,
      serverTime: 0,
      timers: { heartbeatMs: 15_000, degradedMs: 30_000, offlineMs: 60_000 },
      limits: { maxFrameBytes: 1_000_000, maxBatchReads: 1024, maxPushesInFlight: 4 },
      streams: [],
      heads: clockToJson(heads()),
    });

  const seal = (streamId: StreamId, epoch: number, head: number): void => {
    const key = pairKey(streamId, epoch);
    // one that is current has no end yet
    if (epoch >= (streams.get(streamId)?.epoch ?? 0)) return;
    if ((log.get(key)?.length ?? 0) === head) sealed.add(key);
  };

  const hear = (session: Session, message: UpMessage): void => {
    messages.push(message);
    switch (message.type) {
      case 'hello':
        hellos.push(message);
        return welcome(session);
      case 'select':
        session.streams = message.selection.mode === 'manual' ? message.selection.streams : [];
        session.positions = new Map(clockFromJson(message.clock ?? {}));
        tellTargets(session);
        deliver(session);
        return session.pair.send({ type: 'caughtUp', clock: clockToJson(session.positions) });
      case 'credit':
        session.credit += message.reads;
        return deliver(session);
      case 'heartbeat':
        return session.pair.send({ type: 'heartbeat', serverTime: 0 });
      case 'epochOpened': {
        const stream = streams.get(message.streamId);
        if (stream !== undefined) stream.epoch = Math.max(stream.epoch, message.epoch);
        for (const { epoch, seq } of message.ended) seal(message.streamId, epoch, seq);
        for (const it of sessions) tellTargets(it);
        return;
      }
      default:
    }
  };

  const take = (session: Session, bytes: Uint8Array): void => {
    const push = decodePush(bytes);
    if (!push.ok) throw new Error(push.error.message);
    const outcome = append(push.value);
    outcomes.push(outcome);
    session.pair.send({ type: 'pushed', entries: [outcome] });
    deliverAll();
  };

  const joinSession = (pair: SocketPair): FarEnd => {
    const session: Session = { pair, positions: new Map(), streams: [], credit: 0 };
    pair.accept();
    if (closing !== null) pair.close(closing.code, closing.reason);
    sessions.add(session);
    return {
      onFrame: (frame) =>
        typeof frame === 'string' ? hear(session, UpMessageSchema.parse(JSON.parse(frame))) : take(session, frame),
      onEnd: () => sessions.delete(session),
    };
  };

  const tellSaved = (pair: SocketPair): void =>
    pair.send(encodeSaved({ stateVector: Y.encodeStateVector(docState), messages: 0 }));

  const joinDocument = (pair: SocketPair): FarEnd => {
    pair.accept();
    documents.push(pair);
    tellSaved(pair);
    return {};
  };

  const bodyOf = (streamId: StreamId): StreamBody => {
    const stream = streams.get(streamId);
    if (stream === undefined) throw new Error(`no stream ${streamId}`);
    const accepted = [...log].reduce((sum, [key, lines]) => {
      return pairFromKey(key)?.streamId === streamId ? sum + lines.length : sum;
    }, 0);
    return {
      streamId,
      eventId: EVENT,
      forwarderId: stream.forwarderId,
      reader: stream.reader,
      label: null,
      pointId: null,
      epoch: stream.epoch,
      epochName: null,
      health: attached.has(stream.forwarderId) ? 'online' : 'offline',
      readerConnected: true,
      head: log.get(pairKey(streamId, stream.epoch))?.length ?? 0,
      lastReadAt: null,
      createdAt: 0,
      counters: { accepted, duplicates: 0, conflicts: 0, unparsable: 0 },
    };
  };

  const fieldsOf = (body: unknown): Record<string, unknown> => body as Record<string, unknown>;

  const announce = (body: unknown) => {
    const told = fieldsOf(body)['streams'] as readonly { forwarderId: string; reader: string }[];
    return {
      streams: told.map((it) => ({ ...it, streamId: addStream(it.forwarderId, it.reader) })),
    };
  };

  const openEpoch = (streamId: StreamId, epoch: number) => {
    const stream = streams.get(streamId);
    if (stream === undefined) return null;
    stream.epoch = Math.max(stream.epoch, epoch);
    return { streamId, epoch: stream.epoch };
  };

  const patchStatus = (event: EventBody, body: unknown) => {
    const status = EventStatus.parse(fieldsOf(body)['status']);
    events.set(event.eventId, { ...event, status });
    return { eventId: event.eventId, previousStatus: event.status, status, statusChangedAt: 0 };
  };

  const createEvent = (body: unknown): EventBody => {
    const made = { ...defaultEvent(), status: 'draft' as const, ...fieldsOf(body) };
    events.set(made.eventId, made);
    return made;
  };

  const onEvent = (method: Method, eventId: EventId, rest: string, body: unknown): unknown => {
    const event = events.get(eventId);
    if (event === undefined) return null;
    if (rest === '/streams') return announce(body);
    if (rest === '/status') return patchStatus(event, body);
    const patch = rest === '/version-floor' || method === 'PATCH' ? fieldsOf(body) : {};
    events.set(eventId, { ...event, ...patch });
    return events.get(eventId);
  };

  /** Null: there is no such thing. */
  const answer = (method: Method, path: string, body: unknown): unknown => {
    if (path === '/me')
      return { role, eventId: role === 'admin' ? null : EVENT, nodeId: null, label: null, expiresAt: null };
    if (path === '/events') return method === 'POST' ? createEvent(body) : { events: [...events.values()] };
    if (path.startsWith('/streams?')) return { streams: [...streams.keys()].map(bodyOf) };
    const opening = /^\/streams\/([^/]+)\/epochs\/(\d+)\/open$/.exec(path);
    if (opening !== null) return openEpoch(StreamId.parse(opening[1]), Number(opening[2]));
    const event = /^\/events\/([^/]+)(.*)$/.exec(path);
    return event === null ? null : onEvent(method, EventId.parse(event[1]), event[2] ?? '', body);
  };

  const api: RelayApi = {
    call: (method, path, schema, body) => {
      asked.push(`${method} ${path}`);
      if (!isReachable || !answersHttp)
        return Promise.resolve({ ok: false, error: { type: 'unreachable', message: 'no line' } });
      if (closing?.code === 4401) return Promise.resolve({ ok: false, error: refusal(401, 'UNAUTHORIZED') });
      const told = answer(method, path, body);
      return Promise.resolve(told === null ? { ok: false, error: UNKNOWN } : { ok: true, value: schema.parse(told) });
    },
    stream: () => Promise.resolve({ ok: false, error: UNKNOWN }),
  };

  return {
    api,
    hellos,
    messages,
    outcomes,
    asked,
    documents,
    attached,
    events,
    streams,
    sessions: () => [...sessions],
    addStream,
    openEpoch,
    /** The far end of a connection to this relay. */
    connect: (pair: SocketPair): FarEnd => {
      if (!isReachable || !takesSockets) {
        pair.close(ABNORMAL_CLOSE, 'no line');
        return {};
      }
      return pair.target.url.includes('/docs/') ? joinDocument(pair) : joinSession(pair);
    },
    write: (streamId: StreamId, epoch: number, lines: readonly string[]): void => {
      linesOf(pairKey(streamId, epoch)).push(...lines.map(toBytes));
      deliverAll();
    },
    held: (streamId: StreamId, epoch: number): readonly string[] =>
      (log.get(pairKey(streamId, epoch)) ?? []).map((line) => Buffer.from(line).toString('latin1')),
    /** As a relay restored from a backup. */
    forget: (streamId: StreamId, epoch: number, left: number): void =>
      void linesOf(pairKey(streamId, epoch)).splice(left),
    seal: (streamId: StreamId, epoch: number): void => {
      sealed.add(pairKey(streamId, epoch));
      for (const it of sessions) tellTargets(it);
    },
    isSealed: (streamId: StreamId, epoch: number): boolean => sealed.has(pairKey(streamId, epoch)),
    hashOf: (streamId: StreamId, epoch: number): string => hashOf(pairKey(streamId, epoch)),
    command: (streamId: StreamId, epoch: number): void => {
      for (const { pair } of sessions) pair.send({ type: 'epochCommand', streamId, epoch });
    },
    /** The documents at this relay are of another state now. */
    setDocuments: (doc: Y.Doc): void => {
      docState = doc;
      for (const pair of documents) tellSaved(pair);
    },
    cut: (): void => {
      for (const { pair } of [...sessions]) pair.cut();
      for (const pair of documents.splice(0)) pair.cut();
    },
    /** Without it connections break at once, and nothing is answered. */
    setReachable: (next: boolean): void => {
      isReachable = next;
    },
    setHttp: (next: boolean): void => {
      answersHttp = next;
    },
    /** As behind a proxy that lets requests through and no WebSockets. */
    setSockets: (next: boolean): void => {
      takesSockets = next;
    },
    documentState: () => docState,
    /** Sessions are ended with this code, open and new ones. */
    closeWith: (code: number | null, reason = ''): void => {
      closing = code === null ? null : { code, reason };
      if (code !== null) for (const { pair } of sessions) pair.close(code, reason);
    },
    refuseWith: (error: ErrorEnvelope | null): void => {
      refusing = error;
    },
    setRole: (next: typeof role): void => {
      role = next;
    },
    deliverAtMost: (reads: number): void => {
      deliversMost = reads;
    },
  };
};

export type ModelRelay = ReturnType<typeof createModelRelay>;
