import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LinkBody, LinkedEvent } from '@baton/schema/http';
import { EventId } from '@baton/schema/ids';
import { SUBPROTOCOL } from '@baton/schema/protocol';
import { createVirtualTime } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createMetrics } from '../../src/http/metrics.ts';
import { systemTimers, watchEventLoop } from '../../src/platform/node-time.ts';
import { processUse } from '../../src/platform/process-use.ts';
import type { AppendReply, Store } from '../../src/storage/store.ts';
import { watchStore } from '../../src/storage/watched-store.ts';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import type { ProbedSocket } from '../../src/transport/peer-socket.ts';
import { type DiskSpace, type DiskWatch, watchDisk } from '../../src/watching/disk-watch.ts';
import { createMeters } from '../../src/watching/meters.ts';
import { temporaryDirectory } from '../storage/data-directory.ts';
import {
  appendLines,
  attachForwarder,
  attachNode,
  createEvent,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
} from './relay-fixture.ts';

/** A relay on the real store, with what a test bends: the disk's space, and answers of the store. */
const begin = async () => {
  const directory = temporaryDirectory();
  const metrics = createMetrics();
  const { onAppend, onSync, onClosing } = createMeters(metrics);
  const opened = await openWorkerStore({ dataDir: directory.path, onFailure: () => {}, onSync });
  /** Answers of appends wait for it. */
  let gate: Promise<void> = Promise.resolve();
  let bent: AppendReply | null = null;
  const bendable: Store = {
    ...opened,
    append: async (command) => {
      const reply = await opened.append(command);
      await gate;
      return bent ?? reply;
    },
  };
  const store = watchStore(bendable, { mono: systemTimers.mono, onAppend });
  const diskTime = createVirtualTime();
  let link: LinkBody | null = null;
  let space: DiskSpace = { dataBytes: 10, freeBytes: 50_000_000, sizeBytes: 90_000_000 };
  const disk: DiskWatch = await watchDisk({
    timers: diskTime.timers,
    journal: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    look: async () => space,
  });
  const fixture = await startRelay({
    store,
    metrics,
    onClosing,
    http: {
      backup: { directory: directory.path, make: opened.backup },
      sight: {
        version: '1.2.3',
        store: store.sight,
        disk: disk.space,
        process: processUse,
        link: () => link,
        loopLagSeconds: { metrics: watchEventLoop(), page: () => null },
      },
    },
  });
  await createEvent(fixture, 'e1');
  return {
    ...fixture,
    holdAppends: () => {
      let go = (): void => {};
      gate = new Promise((resolve) => {
        go = resolve;
      });
      return go;
    },
    bendAppends: (reply: AppendReply | null) => {
      bent = reply;
    },
    setLink: (next: LinkBody | null) => {
      link = next;
    },
    setSpace: async (next: DiskSpace) => {
      space = next;
      await diskTime.advanceAsync(5000);
    },
    space: () => space,
    end: async () => {
      await fixture.close();
      disk.stop();
      directory.remove();
    },
  };
};

let f: Awaited<ReturnType<typeof begin>>;
beforeAll(async () => {
  f = await begin();
});
afterAll(() => f.end());

const samplesOf = async ({ ask }: Pick<RelayFixture, 'ask'>): Promise<ReadonlyMap<string, number>> => {
  const answer = await ask('GET', '/metrics');
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return new Map(
    answer.text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
};

const sample = async (key: string): Promise<number | undefined> => (await samplesOf(f)).get(key);

/** Until the sample is what is wanted, asked again and again; the test's own bound ends a wait in vain. */
const untilSample = async (key: string, isRight: (value: number | undefined) => boolean): Promise<void> => {
  while (!isRight(await sample(key)));
};

/** Blocks the event loop for 150 ms, once a watcher of it has a look behind it; resolves when that watcher has seen it. */
const beLate = async (): Promise<void> => {
  const own = monitorEventLoopDelay({ resolution: 20 });
  const untilSo = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  };
  own.enable();
  await untilSo(() => own.count > 0);
  busy(150);
  await untilSo(() => own.max > 100e6);
  // the relay's watcher looks as often: by two more looks of this one it has had its own
  const looks = own.count;
  await untilSo(() => own.count >= looks + 2);
  own.disable();
};

/** Undone at the end of the case. */
type Undo = () => Promise<void> | void;

interface Move {
  /** The sample that is to change, labels included. */
  readonly sample: string;
  readonly act: () => Promise<Undo | undefined>;
  readonly isMoved: (before: number | undefined, after: number | undefined) => boolean;
}

const rises: Move['isMoved'] = (before = 0, after = 0) => after > before;
const falls: Move['isMoved'] = (before = 0, after = 0) => after < before;
const is =
  (value: number): Move['isMoved'] =>
  (_before, after) =>
    after === value;

let numbers = 0;
/** A forwarder of its own with its reads pushed. */
const pushReads = async (): Promise<undefined> => {
  const nodeId = `f${++numbers}`;
  const forwarder = await attachForwarder(f, await createToken(f, 'forwarder', 'e1', nodeId), nodeId, 'e1');
  await forwarder.push(1, 1, ['a', 'b', 'c']);
  await forwarder.close();
  return undefined;
};

const attached = async (): Promise<Undo> => {
  const nodeId = `f${++numbers}`;
  const forwarder = await attachForwarder(f, await createToken(f, 'forwarder', 'e1', nodeId), nodeId, 'e1');
  return forwarder.close;
};

/** Reads that wait for an answer of the store. */
const heldAppend = async (): Promise<Undo> => {
  const stream = await seedStream(f, 'e1', `f${++numbers}.mat`, { 1: ['a'] });
  const go = f.holdAppends();
  const appended = appendLines(f.core, stream, 1, 2, ['bb']);
  return async () => {
    go();
    await appended;
  };
};

const setSpace = (change: Partial<DiskSpace>) => async (): Promise<undefined> => {
  await f.setSpace({ ...f.space(), ...change });
  return undefined;
};

const openSocket = async (path: string, secret: string): Promise<WebSocket> => {
  const socket = new WebSocket(`${f.base.replace('http', 'ws')}${path}`, [SUBPROTOCOL, `bearer.${secret}`]);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
};

const closed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.close();
  });

const openDocument = async (): Promise<Undo> => {
  const socket = await openSocket('/docs/events/e1/setup', await createToken(f, 'operator', 'e1'));
  if (socket.readyState === socket.OPEN) await untilSample('baton_document_sockets', (count) => (count ?? 0) > 0);
  return () => closed(socket);
};

const openStream = async (): Promise<Undo> => {
  const leaving = new AbortController();
  const query = `eventId=e1&collection=races&filters=[]`;
  const response = await fetch(`${f.base}/api/v1/live/sse?${query}`, { signal: leaving.signal });
  expect(response.status).toBe(200);
  return () => leaving.abort();
};

/** A live client without a token whose network takes nothing more. */
const stalledLive = async (): Promise<Undo> => {
  let leave = (_code: number): void => {};
  const socket: ProbedSocket = {
    send: () => {},
    sendWire: () => {},
    close: () => {},
    bufferedAmount: () => 1024 * 1024,
    onMessage: () => {},
    onClose: (listener) => {
      leave = listener;
    },
    onDrain: () => {},
    ping: () => {},
    onPong: () => {},
    cut: () => {},
  };
  const admitted = f.core.live.admit(null);
  if (!admitted.ok) throw new Error(admitted.error.message);
  admitted.value(socket);
  return () => leave(1000);
};

/** A receiver that has asked for 12 MB of reads and takes none of them. */
const stalledReceiver = async (): Promise<Undo> => {
  const id = `f${++numbers}.mat`;
  const lines = Array.from({ length: 12_000 }, (_, at) => `${at}`.padEnd(1000, 'x'));
  await seedStream(f, 'e1', id, { 1: lines });
  const nodeId = `r${numbers}`;
  const token = await createToken(f, 'receiver', 'e1', nodeId);
  const receiver = await attachNode(f, token, { nodeId, eventId: 'e1', readers: [] });
  receiver.say({ type: 'credit', reads: 1_000_000 });
  receiver.say({ type: 'select', selection: { mode: 'manual', streams: [id] } } as never);
  receiver.socket.pause();
  await untilSample('baton_slow_consumers{role="receiver"}', (count) => (count ?? 0) > 0);
  return () => receiver.socket.terminate();
};

const busy = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
};

const LINK: LinkBody = {
  upstream: 'https://results.example.org',
  heardAt: null,
  failure: null,
  sentBytes: 0,
  receivedBytes: 0,
  events: [
    {
      eventId: EventId.parse('e1'),
      state: 'connected',
      since: 0,
      cause: null,
      missingReads: { venue: 0, upstream: 70 },
      unsavedDocuments: { venue: 2, upstream: null },
      conflicts: 3,
    },
  ],
};

const linked = (change: Partial<LinkBody>) => async () => {
  f.setLink({ ...LINK, ...change });
  return () => f.setLink(null);
};

/** A relay that stands alone does not tell it. */
const isNew = (value: number) => (before?: number, after?: number) => before === undefined && after === value;

const MOVES: Readonly<Record<string, Move>> = {
  baton_ack_seconds: { sample: 'baton_ack_seconds_count', act: pushReads, isMoved: rises },
  baton_sync_seconds: { sample: 'baton_sync_seconds_count', act: pushReads, isMoved: rises },
  baton_appends_total: {
    sample: 'baton_appends_total{outcome="storage-full"}',
    act: async () => {
      const stream = await seedStream(f, 'e1', `f${++numbers}.mat`, {});
      f.bendAppends({ type: 'storage-full', message: 'full' });
      await appendLines(f.core, stream, 1, 1, ['a']).catch(() => {}); // says that it was not accepted
      f.bendAppends(null);
      return undefined;
    },
    isMoved: rises,
  },
  baton_reads_acked_total: {
    sample: 'baton_reads_acked_total',
    act: pushReads,
    isMoved: (before = 0, after = 0) => after === before + 3,
  },
  baton_store_waiting_writes: { sample: 'baton_store_waiting_writes', act: heldAppend, isMoved: rises },
  baton_store_waiting_bytes: { sample: 'baton_store_waiting_bytes', act: heldAppend, isMoved: rises },
  baton_store_still_seconds: { sample: 'baton_store_still_seconds', act: heldAppend, isMoved: rises },
  baton_data_bytes: { sample: 'baton_data_bytes', act: setSpace({ dataBytes: 77 }), isMoved: is(77) },
  baton_disk_free_bytes: { sample: 'baton_disk_free_bytes', act: setSpace({ freeBytes: 44_000_000 }), isMoved: falls },
  baton_disk_size_bytes: { sample: 'baton_disk_size_bytes', act: setSpace({ sizeBytes: 1e9 }), isMoved: is(1e9) },
  baton_backup_age_seconds: {
    sample: 'baton_backup_age_seconds',
    act: async () => {
      expect((await f.ask('GET', '/api/v1/backup')).status).toBe(200);
      // its last byte arrives before the relay has closed the file
      await untilSample('baton_backup_age_seconds', (age) => age !== undefined);
      return undefined;
    },
    isMoved: (before, after) => before === undefined && after !== undefined && after >= 0,
  },
  baton_sockets: { sample: 'baton_sockets{role="forwarder"}', act: attached, isMoved: rises },
  baton_unsent_bytes: { sample: 'baton_unsent_bytes{role="live"}', act: stalledLive, isMoved: rises },
  baton_slow_consumers: { sample: 'baton_slow_consumers{role="receiver"}', act: stalledReceiver, isMoved: is(1) },
  baton_subscriptions: { sample: 'baton_subscriptions', act: openStream, isMoved: rises },
  baton_sse_streams: { sample: 'baton_sse_streams', act: openStream, isMoved: rises },
  baton_documents: { sample: 'baton_documents', act: openDocument, isMoved: (_, after = 0) => after >= 1 },
  baton_document_sockets: { sample: 'baton_document_sockets', act: openDocument, isMoved: rises },
  baton_nodes: { sample: 'baton_nodes{health="online"}', act: attached, isMoved: rises },
  baton_ready: {
    sample: 'baton_ready',
    act: async () => {
      const before = f.space();
      await f.setSpace({ ...before, freeBytes: 1000 });
      return () => f.setSpace(before);
    },
    isMoved: is(0),
  },
  baton_info: { sample: 'baton_info{version="1.2.3"}', act: async () => undefined, isMoved: is(1) },
  baton_events: {
    sample: 'baton_events',
    act: async () => {
      await createEvent(f, `more-${++numbers}`);
      return undefined;
    },
    isMoved: rises,
  },
  baton_event_loop_lag_seconds: {
    sample: 'baton_event_loop_lag_seconds',
    act: async () => {
      await beLate();
      return undefined;
    },
    isMoved: (_, after = 0) => after > 0.1,
  },
  baton_refusals_total: {
    sample: 'baton_refusals_total{code="NOT_FOUND"}',
    act: async () => {
      await f.ask('GET', '/nowhere');
      return undefined;
    },
    isMoved: rises,
  },
  baton_http_answers_total: {
    sample: 'baton_http_answers_total{status="4xx"}',
    act: async () => {
      await f.ask('GET', '/nowhere');
      return undefined;
    },
    isMoved: rises,
  },
  baton_closings_total: {
    sample: 'baton_closings_total{code="4401"}',
    act: async () => {
      const socket = await openSocket('/sync', 'wrong');
      await new Promise((resolve) => socket.once('close', resolve));
      return undefined;
    },
    isMoved: rises,
  },
  baton_link_connected: { sample: 'baton_link_connected', act: linked({}), isMoved: isNew(1) },
  baton_link_heard_seconds: {
    sample: 'baton_link_heard_seconds',
    act: linked({ heardAt: 0 }),
    isMoved: (before, after = 0) => before === undefined && after > 1.7e9,
  },
  baton_link_missing_reads: { sample: 'baton_link_missing_reads{at="upstream"}', act: linked({}), isMoved: isNew(70) },
  baton_link_unsaved_documents: {
    sample: 'baton_link_unsaved_documents{at="venue"}',
    act: linked({}),
    isMoved: isNew(2),
  },
  baton_link_conflicts: { sample: 'baton_link_conflicts', act: linked({}), isMoved: isNew(3) },
  baton_link_bytes_total: {
    sample: 'baton_link_bytes_total{direction="sent"}',
    act: linked({ sentBytes: 900 }),
    isMoved: isNew(900),
  },
  process_resident_memory_bytes: {
    sample: 'process_resident_memory_bytes',
    act: async () => {
      const taken = Buffer.alloc(64 * 1024 * 1024, 1);
      return () => void taken.fill(0);
    },
    isMoved: (_, after = 0) => after > 64 * 1024 * 1024,
  },
  process_cpu_seconds_total: {
    sample: 'process_cpu_seconds_total',
    act: async () => {
      busy(50);
      return undefined;
    },
    isMoved: rises,
  },
  process_start_time_seconds: {
    sample: 'process_start_time_seconds',
    act: async () => undefined,
    isMoved: (before = 0, after = 0) => before === after && after > 1.7e9,
  },
};

describe('the link of a relay at the venue', () => {
  const sampleOf = async (name: string, link: LinkBody): Promise<number | undefined> => {
    f.setLink(link);
    const value = await sample(name);
    f.setLink(null);
    return value;
  };
  const event = LINK.events[0] as LinkedEvent;

  it('is connected while each event that is linked is, and there is one', async () => {
    const away = { ...event, state: 'away' };
    const ended = { ...event, state: 'ended' };
    const connected = (...events: readonly LinkedEvent[]) =>
      sampleOf('baton_link_connected', { ...LINK, events: [...events] });
    expect(await connected()).toBe(0);
    expect(await connected(ended)).toBe(0);
    expect(await connected(event, ended)).toBe(1);
    expect(await connected(event, away)).toBe(0);
  });

  it('is the sum of what is known of its events, and nothing where nothing is', async () => {
    const unknown = { ...event, missingReads: { venue: null, upstream: null } };
    const missing = (...events: readonly LinkedEvent[]) =>
      sampleOf('baton_link_missing_reads{at="upstream"}', { ...LINK, events: [...events] });
    expect(await missing(event, event, unknown)).toBe(140);
    expect(await missing(unknown)).toBeUndefined();
  });
});

describe('each metric moves when what it tells of happens', () => {
  it.each(Object.entries(MOVES))('%s', async (_name, move) => {
    const before = await sample(move.sample);
    const undo = await move.act();
    const after = await sample(move.sample);
    await undo?.();
    expect(move.isMoved(before, after), `${move.sample}: ${before} → ${after}`).toBe(true);
  });

  it('and there is no other metric, nor one that is no number', async () => {
    const { text } = await f.ask('GET', '/metrics');
    const exported = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(exported.sort()).toEqual(Object.keys(MOVES).sort());
    for (const [key, value] of await samplesOf(f)) expect(Number.isFinite(value), key).toBe(true);
  });
});

describe('a counter', () => {
  it('does not fall when what it counted is deleted', async () => {
    await createEvent(f, 'gone');
    await seedStream(f, 'gone', `f${++numbers}.mat`, { 1: ['a', 'b'] });
    const before = (await sample('baton_reads_acked_total')) ?? 0;
    expect((await f.ask('DELETE', '/api/v1/events/gone')).status).toBe(204);
    expect(await sample('baton_reads_acked_total')).toBe(before);
    await pushReads();
    expect(await sample('baton_reads_acked_total')).toBe(before + 3);
  });
});
