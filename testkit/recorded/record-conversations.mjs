/**
 * Records what the clients and the relay of a checkout say to each other on every kind of socket, frame by frame, through a
 * proxy between them. Run once for each version that is released, with its own build:
 *
 *   node testkit/recorded/record-conversations.mjs CHECKOUT VERSION
 *
 * Systems in the field and stock document clients are no part of a checkout; they are played here.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { askOf, loaderOf, makeOf, startCommand, startRelay } from './built-relay.mjs';

const [checkout, version] = [resolve(process.argv[2] ?? '.'), process.argv[3] ?? ''];
if (version === '') throw new Error('usage: record-conversations.mjs CHECKOUT VERSION');
const load = loaderOf(checkout);
const { relayCommands } = await load('sync-server/dist/cli.js');
const { nodeCommands } = await load('client-core/dist/cli/main.js');
const { followCollection } = await load('client-core/dist/live-entry.js');

const EVENT = 'spring-run';
const folder = mkdtempSync(join(tmpdir(), 'baton-recording-'));
const relay = await startRelay(relayCommands, join(folder, 'relay'));
const make = makeOf(askOf(relay.url));

/** @type {{ path: string, frames: { from: string, text?: string, base64?: string, close?: number }[] }[]} */
const heard = [];

const frameOf = (from, data, isBinary) =>
  isBinary ? { from, base64: Buffer.from(data).toString('base64') } : { from, text: String(data) };

/** Between a client and the relay: passes everything on, and keeps the frames of its sockets. */
const startProxy = async () => {
  const target = new URL(relay.url);
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const onwards = httpRequest({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onwards.on('error', () => response.destroy());
    request.pipe(onwards);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (all) => (all.has('baton.v1') ? 'baton.v1' : false),
  });
  server.on('upgrade', (request, socket, head) => {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((it) => it.trim());
    const { authorization } = request.headers;
    const far = new WebSocket(
      `${relay.url.replace('http', 'ws')}${request.url}`,
      offered.filter((it) => it !== ''),
      {
        headers: authorization === undefined ? {} : { authorization },
      },
    );
    const frames = [];
    heard.push({ path: request.url, frames });
    const waiting = [];
    far.on('message', (data, isBinary) => {
      frames.push(frameOf('relay', data, isBinary));
      waiting.push((near) => near.send(data, { binary: isBinary }));
      flush();
    });
    let near = null;
    const flush = () => {
      if (near !== null) for (const send of waiting.splice(0)) send(near);
    };
    far.once('open', () =>
      sockets.handleUpgrade(request, socket, head, (opened) => {
        near = opened;
        flush();
        near.on('message', (data, isBinary) => {
          frames.push(frameOf('client', data, isBinary));
          far.send(data, { binary: isBinary });
        });
        near.on('close', () => far.close());
        far.on('close', (code) => {
          frames.push({ from: 'relay', close: code });
          near.close(code === 1005 || code === 1006 ? 1000 : code);
        });
      }),
    );
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
};

const until = async (what, isTrue) => {
  const deadline = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
};

const proxy = await startProxy();
const wsUrl = proxy.url.replace('http', 'ws');

const token = async (role, nodeId) => (await make('POST', '/tokens', { role, eventId: EVENT, nodeId })).token;

const lines = Array.from({ length: 20 }, (_, at) => {
  const text = `aa00${(0x05_80_00_00 + (at % 7)).toString(16).padStart(12, '0')}0100260307${String(100_000 + at).slice(0, 6)}17`;
  const sum = [...text.slice(2)].reduce((all, letter) => all + letter.charCodeAt(0), 0) % 256;
  return `${text}${sum.toString(16).padStart(2, '0')}`;
});

/** A forwarder of this checkout with a reader: reads, then an epoch that the relay commands, then it leaves. */
const recordForwarder = async () => {
  const file = join(folder, 'reads.txt');
  writeFileSync(file, `${lines.join('\r\n')}\r\n`);
  const emulator = startCommand(nodeCommands, 'emulate', { port: '0', reads: file, rate: '500' });
  const [, address] = await emulator.line(/^listening (\S+)$/u);
  const options = {
    relay: proxy.url,
    token: await token('forwarder', 'gate'),
    reader: [`mat=${address}`],
    journal: join(folder, 'journal'),
  };
  const forwarder = startCommand(nodeCommands, 'forward', options);
  await forwarder.line(/^forwarding/u);
  const epochs = async () => {
    const answer = await askOf(relay.url)('GET', '/api/v1/streams/gate.mat/epochs');
    return answer.status === 200 ? [answer.json()].flat().flatMap((it) => it.epochs ?? it) : [];
  };
  await until('the reads are there', async () => (await epochs()).some((it) => it.readCount === lines.length));
  await make('POST', '/streams/gate.mat/reset-epoch');
  await until('the epoch is sealed', async () => (await epochs()).some((it) => it.epoch === 1 && it.sealed));
  await forwarder.close();
  await emulator.close();
};

const recordReceiver = async () => {
  const dataDir = join(folder, 'receiver');
  const options = {
    relay: proxy.url,
    token: await token('receiver', 'tent'),
    stream: ['gate.mat'],
    'data-dir': dataDir,
  };
  const receiver = startCommand(nodeCommands, 'receive', options);
  await receiver.line(/^receiving/u);
  const isAcked = () => heard.some((it) => it.frames.some((frame) => frame.text?.includes('"type":"ack"')));
  await until('all of it is acked', isAcked);
  await receiver.close();
};

/** A stock client of y-websocket. */
const recordDocument = async () => {
  const operator = await token('operator');
  class WithToken extends WebSocket {
    constructor(address, protocols) {
      super(address, [...protocols, 'baton.v1', `bearer.${operator}`]);
    }
  }
  const doc = new Y.Doc();
  const options = { WebSocketPolyfill: WithToken, disableBc: true };
  const provider = new WebsocketProvider(`${wsUrl}/docs`, `events/${EVENT}/setup`, doc, options);
  const saved = [];
  provider.messageHandlers[110] = () => saved.push(true);
  await until('the document is synced', () => provider.synced);
  doc.getMap('notes').set('one', 'first');
  await until('it is saved', () => saved.length > 0);
  const before = saved.length;
  doc.transact(() => {
    doc.getMap('notes').set('two', ['second', 2, null]);
    doc.getMap('notes').delete('one');
  });
  await until('that is saved, too', () => saved.length > before);
  provider.destroy();
};

const recordLive = async () => {
  const deps = {
    timers: {
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return { clear: () => clearTimeout(timer) };
      },
    },
    random: { next: () => 0 },
    openSocket: (url) => new WebSocket(url),
  };
  let held = new Map();
  const options = {
    relay: proxy.url,
    eventId: EVENT,
    collection: 'races',
    filters: [{ field: 'name', op: '!=', value: 'x' }],
  };
  const live = followCollection(deps, {
    ...options,
    token: await token('viewer'),
    onChange: (now) => {
      held = now;
    },
  });
  await until('the snapshot is there', () => live.state().isCurrent && held.size === 1);
  await make('POST', `/events/${EVENT}/races`, { name: '5 km' });
  await until('the new race is there', () => held.size === 2);
  live.close();
};

const played = async (path, secret) => {
  const socket = new WebSocket(`${wsUrl}${path}`, secret === undefined ? [] : ['baton.v1', `bearer.${secret}`]);
  const messages = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  const say = (message) => socket.send(JSON.stringify(message));
  const heardOf = (kind) => messages.find((it) => (it.kind ?? it.type) === kind);
  const wait = async (kind) => {
    await until(`${kind} comes`, () => heardOf(kind) !== undefined);
    return heardOf(kind);
  };
  return { say, wait, messages, close: () => socket.close() };
};

const recordFeed = async (raceId) => {
  const feed = await played(`/api/v1/events/${EVENT}/ws`);
  await feed.wait('full');
  await make('POST', `/events/${EVENT}/ingest/results`, { results: [{ raceId, bib: '7', timeMs: 1_234_500 }] });
  await feed.wait('diff');
  feed.close();
};

const eventOf = (seq) => ({
  forwarder_id: 'old',
  reader_ip: '10.0.0.1:10000',
  stream_epoch: 1,
  seq,
  reader_timestamp: '2026-03-07T10:00:00',
  raw_read_line: lines[seq - 1],
  read_type: 'RAW',
});

const recordField = async () => {
  const forwarder = await played('/ws/v1/forwarders', await token('forwarder', 'old'));
  forwarder.say({ kind: 'forwarder_hello', forwarder_id: 'old', reader_ips: ['10.0.0.1:10000'] });
  const { session_id } = await forwarder.wait('heartbeat');
  forwarder.say({ kind: 'heartbeat', session_id, device_id: 'old' });
  forwarder.say({ kind: 'forwarder_event_batch', session_id, batch_id: 'b1', events: [1, 2, 3].map(eventOf) });
  await forwarder.wait('forwarder_ack');
  forwarder.close();

  const ref = { forwarder_id: 'old', reader_ip: '10.0.0.1:10000' };
  const v1 = await played('/ws/v1/receivers', await token('receiver', 'old-1'));
  v1.say({ kind: 'receiver_hello', receiver_id: 'old-1', resume: [{ ...ref, stream_epoch: 1, last_seq: 1 }] });
  const first = await v1.wait('heartbeat');
  await v1.wait('receiver_event_batch');
  v1.say({ kind: 'receiver_ack', session_id: first.session_id, entries: [{ ...ref, stream_epoch: 1, last_seq: 3 }] });
  v1.close();

  const v11 = await played('/ws/v1.1/receivers', await token('receiver', 'old-2'));
  v11.say({ kind: 'receiver_hello_v11', receiver_id: 'old-2', selection: { mode: 'manual', streams: [ref] } });
  const second = await v11.wait('heartbeat');
  await v11.wait('receiver_event_batch');
  v11.say({ kind: 'receiver_ack', session_id: second.session_id, entries: [{ ...ref, stream_epoch: 1, last_seq: 3 }] });
  v11.close();
};

const NAMES = [
  ['sync-forwarder', '/sync', (it) => it.includes('gate')],
  ['sync-receiver', '/sync', (it) => it.includes('tent')],
  ['document', `/docs/events/${EVENT}/setup`, () => true],
  ['live', '/api/v1/live', () => true],
  ['spectator-feed', `/api/v1/events/${EVENT}/ws`, () => true],
  ['field-forwarder', '/ws/v1/forwarders', () => true],
  ['field-receiver-v1', '/ws/v1/receivers', () => true],
  ['field-receiver-v11', '/ws/v1.1/receivers', () => true],
];

const write = () => {
  const into = new URL(`${version}/`, import.meta.url);
  mkdirSync(into, { recursive: true });
  for (const [name, path, fits] of NAMES) {
    const found = heard.filter(
      (it) => it.path === path && fits(it.frames.find(({ from }) => from === 'client')?.text ?? ''),
    );
    const conversation = found.at(name === 'document' ? -1 : 0);
    if (conversation === undefined) throw new Error(`nothing was heard of ${name}`);
    writeFileSync(new URL(`${name}.json`, into), `${JSON.stringify({ version, ...conversation }, null, 2)}\n`);
  }
};

try {
  await make('POST', '/events', { eventId: EVENT, title: 'Spring Run', date: '2026-03-07', timezone: 'Europe/Paris' });
  for (const status of ['startlist', 'running']) await make('PATCH', `/events/${EVENT}/status`, { status });
  const { raceId } = await make('POST', `/events/${EVENT}/races`, { name: '10 km' });
  await recordForwarder();
  await recordReceiver();
  await recordFeed(raceId);
  await recordLive();
  await recordField();
  await recordDocument();
  // the last frames are on their way
  await new Promise((done) => setTimeout(done, 300));
  write();
} finally {
  proxy.close();
  await relay.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
