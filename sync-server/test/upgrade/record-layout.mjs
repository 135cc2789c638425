/**
 * Makes a fixture of a data layout: runs the relay of a checkout that was built, plays a small race day against it over its public
 * doors only, keeps every answer it gives, and then its data directory. Run once for each layout, with the relay that wrote it:
 *
 *   node sync-server/test/upgrade/record-layout.mjs CHECKOUT LAYOUT
 *
 * `layouts/<LAYOUT>/relay.db.gz` is the directory's only file; `answers.json` is what that relay said of it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { ADMIN, askOf, loaderOf, makeOf, startRelay } from '../../../testkit/recorded/built-relay.mjs';

const [checkout, layout] = [resolve(process.argv[2] ?? '.'), Number(process.argv[3])];
if (!Number.isInteger(layout)) throw new Error('usage: record-layout.mjs CHECKOUT LAYOUT');
const load = loaderOf(checkout);
const { relayCommands } = await load('sync-server/dist/cli.js');
const { encodePush, PROTOCOL_VERSION } = await load('schema/dist/protocol/index.js');
const { encodeBatch, readFromLine } = await load('schema/dist/reads/index.js');

const dataDir = mkdtempSync(join(tmpdir(), 'baton-layout-'));

let relay = await startRelay(relayCommands, dataDir);
const ask = (...asked) => askOf(relay.url)(...asked);
const make = makeOf(ask);

/** A socket whose messages are waited for. */
const dial = async (path, token) => {
  const socket = new WebSocket(`${relay.url.replace('http', 'ws')}${path}`, ['baton.v1', `bearer.${token}`]);
  const messages = [];
  const waiting = new Set();
  socket.on('message', (data, isBinary) => {
    messages.push(isBinary ? new Uint8Array(data) : JSON.parse(String(data)));
    for (const look of [...waiting]) look();
  });
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  socket.setMaxListeners(100);
  const until = (matches) =>
    new Promise((done, fail) => {
      const look = () => {
        const found = messages.find(matches);
        if (found === undefined) return;
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      socket.once('close', (code, reason) => fail(new Error(`closed: ${code} ${reason}`)));
      look();
    });
  const close = () => new Promise((done) => socket.once('close', done).close());
  return { socket, messages, until, close };
};

/** `count` lines of chips that pass one after another, some of them lines that no reader of ours makes. */
const lines = (reader, count) =>
  Array.from({ length: count }, (_, at) => {
    if (at % 97 === 5) return `# ${reader} says something else: ${at} ä`;
    const tag = (0x05_80_00_00 + (at % 40)).toString(16).padStart(12, '0');
    const second = 25_200 + at * 2;
    const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
    const text = `aa00${tag}0${reader}0${at % 7}260307${time.map((it) => String(it).padStart(2, '0')).join('')}17`;
    const sum = [...text.slice(2)].reduce((all, letter) => all + letter.charCodeAt(0), 0) % 256;
    return `${text}${sum.toString(16).padStart(2, '0')}`;
  });

const batchOf = (all) =>
  encodeBatch(all.map((line, at) => readFromLine(Buffer.from(line, 'utf8'), 1_772_870_400_000 + at * 1000)));

const EVENT = 'spring-run';
const hello = (nodeId, more) => ({
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  clientVersion: '0.1',
  capabilities: { recorded: true },
  eventId: EVENT,
  nodeId,
  ...more,
});

const attachForwarder = async (token) => {
  const peer = await dial('/sync', token);
  peer.socket.send(JSON.stringify(hello('gate', { readers: ['mat', 'far mat'] })));
  await peer.until((it) => it.type === 'welcome');
  let pushId = 0;
  const push = async (streamId, epoch, firstSeq, all) => {
    const id = ++pushId;
    peer.socket.send(encodePush({ streamId, epoch, firstSeq, pushId: id, batch: batchOf(all) }));
    const entryIn = (it) => it.type === 'pushed' && it.entries.some((entry) => entry.pushId === id);
    return (await peer.until(entryIn)).entries.find((entry) => entry.pushId === id);
  };
  return { ...peer, push };
};

const encodeUpdate = (update) => {
  const encoder = encoding.createEncoder();
  for (const part of [0, 2]) encoding.writeVarUint(encoder, part);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
};

const syncMessage = (bytes) => {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readVarUint(decoder) !== 0) return null;
  const kind = decoding.readVarUint(decoder);
  return { kind, bytes: decoding.readVarUint8Array(decoder) };
};

/** A document as the relay gives it to an operator, after an edit where there is one. */
const document = async (name, token, edit) => {
  const peer = await dial(`/docs/${name}`, token);
  const doc = new Y.Doc();
  peer.socket.send(Uint8Array.of(0, 0, 1, 0));
  await peer.until((it) => it instanceof Uint8Array && syncMessage(it)?.kind === 1);
  const merge = () => {
    for (const it of peer.messages) {
      const message = it instanceof Uint8Array ? syncMessage(it) : null;
      if (message !== null && message.kind !== 0) Y.applyUpdate(doc, message.bytes);
    }
  };
  merge();
  if (edit !== undefined) {
    const before = Y.encodeStateVector(doc);
    doc.transact(() => edit(doc));
    peer.socket.send(encodeUpdate(Y.encodeStateAsUpdate(doc, before)));
    await peer.until((it) => it instanceof Uint8Array && it[0] === 110);
  }
  await peer.close();
  return doc;
};

const jsonOf = (doc) =>
  Object.fromEntries([...doc.share.keys()].sort().map((name) => [name, doc.getMap(name).toJSON()]));

/** What another relay at another time says otherwise. */
const VOLATILE = new Set(['asOf', 'hub', 'version', 'state', 'health', 'connections', 'lastUsedAt', 'lastHeartbeatAt']);
const lasting = (value) => {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, it]) => (VOLATILE.has(name) ? [] : [[name, lasting(it)]])),
  );
};

const answers = [];
const keep = async (path) => {
  const { status, bytes, json } = await ask('GET', path);
  if (status === 404 || status === 503) return; // this relay did not tell it yet
  const isJson = !path.includes('/chunks/') && '[{'.includes(String.fromCharCode(bytes[0] ?? 0));
  const said = isJson
    ? { json: lasting(json()) }
    : { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  answers.push({ path, status, ...said });
};

const playRaceDay = async () => {
  const token = {};
  await make('POST', '/events', {
    eventId: EVENT,
    title: 'Spring Run',
    date: '2026-03-07',
    timezone: 'Europe/Paris',
    location: 'Harbour',
  });
  await make('POST', '/events', { eventId: 'autumn-run', title: 'Autumn Run', date: '2026-10-04', timezone: 'UTC' });
  for (const status of ['startlist', 'running']) await make('PATCH', `/events/${EVENT}/status`, { status });
  for (const [role, nodeId] of [['operator'], ['forwarder', 'gate'], ['receiver', 'tent'], ['forwarder', 'spare']]) {
    const made = await make('POST', '/tokens', { role, eventId: EVENT, nodeId, label: `${role} of the day` });
    token[nodeId ?? role] = made.token;
  }
  const races = [];
  for (const name of ['10 km', '5 km']) races.push(await make('POST', `/events/${EVENT}/races`, { name }));
  const [ten, five] = races.map(({ raceId }) => raceId);
  const [mat, far] = ['gate.mat', 'gate.far~mat'];

  const gate = await attachForwarder(token.gate);
  const one = lines(1, 1300);
  for (let at = 0, size = 1; at < one.length; size = (size * 7) % 613 || 1) {
    await gate.push(mat, 1, at + 1, one.slice(at, at + size));
    at += size;
  }
  await gate.push(mat, 1, 1, one.slice(0, 1));
  await gate.push(mat, 1, 1, ['other bytes under a known number']);
  await gate.push(mat, 2, 1, lines(1, 30));
  await gate.push(far, 1, 1, lines(2, 12));
  const ended = [{ epoch: 1, seq: one.length }];
  gate.socket.send(JSON.stringify({ type: 'epochOpened', streamId: mat, epoch: 2, ended }));
  const isSealed = async () => {
    const { epochs } = await make('GET', `/streams/${mat}/epochs`).then((it) =>
      Array.isArray(it) ? { epochs: it } : it,
    );
    return epochs.some((it) => it.epoch === 1 && it.sealed);
  };
  while (!(await isSealed())) await new Promise((done) => setTimeout(done, 20));

  await make('PUT', `/streams/${mat}/epochs/1/race`, { raceId: ten });
  await make('PUT', `/streams/${mat}/epochs/2/race`, { raceId: five });
  await make('PUT', `/streams/${mat}/epochs/1/name`, { name: 'morning' });
  await make('PATCH', `/streams/${far}`, { label: 'the far mat' });
  await make('PUT', '/forwarders/gate/race', { raceId: ten });
  // commanded, and never confirmed: the command must outlive the upgrade
  await make('POST', `/streams/${far}/reset-epoch`);

  const tent = await dial('/sync', token.tent);
  tent.socket.send(JSON.stringify(hello('tent')));
  await tent.until((it) => it.type === 'welcome');
  const cursor = { streamId: mat, epoch: 1, seq: 700 };
  tent.socket.send(JSON.stringify({ type: 'ack', entries: [cursor] }));
  tent.socket.send(JSON.stringify({ type: 'nonsense' })); // its answer comes behind the ack
  await tent.until((it) => it.type === 'error');

  await document(`events/${EVENT}/receivers/tent`, token.tent, (doc) => doc.getMap('notes').set('seen', 'by layout'));
  if (layout >= 2) {
    const csv = 'bib,firstName,lastName,chip\n1,Ada,Quick,000005800001\n2,Ben,Slow,000005800002\n';
    await make('POST', `/events/${EVENT}/roster?raceId=${ten}`, csv);
    await make('POST', `/nodes/spare/revoke`, { eventId: EVENT });
  }
  if (layout >= 3) {
    const told = {
      results: [
        { raceId: five, bib: '7', timeMs: 1_234_500 },
        { raceId: five, bib: '8', status: 'DNF' },
      ],
    };
    await make('POST', `/events/${EVENT}/ingest/results`, told);
    for (const status of ['finished', 'official']) await make('PATCH', `/events/${EVENT}/status`, { status });
  }
  for (const peer of [gate, tent]) await peer.close();
  return { tokens: token, races: [ten, five], cursors: [{ receiverId: 'tent', ...cursor }] };
};

const keepAnswers = async ({ races, tokens }) => {
  for (const eventId of [EVENT, 'autumn-run']) {
    for (const path of ['', '/races', '/official', '/categories']) await keep(`/api/v1/events/${eventId}${path}`);
    await keep(`/api/v1/streams?eventId=${eventId}`);
  }
  if (layout >= 2) await keep(`/api/v1/events/${EVENT}/nodes`); // attachments are stored from there on
  for (const raceId of races) {
    await keep(`/api/v1/races/${raceId}/stream-epochs`);
    for (const list of ['results', 'startlist']) await keep(`/api/v1/events/${EVENT}/${list}/${raceId}`);
  }
  await keep('/api/v1/tokens');
  await keep('/api/v1/forwarders/gate/race');
  for (const stream of ['gate.mat', 'gate.far~mat']) {
    const at = `/api/v1/streams/${stream}`;
    for (const path of ['/epochs', '/export.txt', '/export.csv', '/epochs/1/export.txt', '/epochs/1/chunks/0'])
      await keep(`${at}${path}`);
    await keep(`${at}/reads?epoch=1&limit=5&offset=3`);
  }
  const documents = {};
  for (const name of ['setup', 'roster', 'receivers/tent']) {
    documents[name] = jsonOf(await document(`events/${EVENT}/${name}`, tokens.operator));
  }
  return documents;
};

try {
  const told = await playRaceDay();
  // what a restart changes is no matter of the upgrade
  await relay.close();
  relay = await startRelay(relayCommands, dataDir);
  const documents = await keepAnswers(told);
  await relay.close();
  const into = new URL(`layouts/${String(layout).padStart(4, '0')}/`, import.meta.url);
  mkdirSync(into, { recursive: true });
  const files = readdirSync(dataDir);
  if (files.join() !== 'relay.db') throw new Error(`expected relay.db alone, got ${files}`);
  const { tokens, cursors } = told;
  const text = JSON.stringify(
    { layout, eventId: EVENT, adminToken: ADMIN, tokens, cursors, documents, answers },
    null,
    1,
  );
  writeFileSync(new URL('relay.db.gz', into), gzipSync(readFileSync(join(dataDir, 'relay.db')), { level: 9 }));
  writeFileSync(new URL('answers.json', into), `${text}\n`);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
