import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DOC_MESSAGE, readSaved } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { type Benchmark, type Figures, rounded } from '../support/measure.ts';
import { openDocClient } from './doc-client.ts';
import { type DocServer, startBaton, startPeerServer } from './doc-servers.ts';

const WRITE_MS = 6_000;
const EVERY_MS = 5;
const HOCUSPOCUS_SYNC_STATUS = 8;

/** How many edits this frame says are saved, of those sent so far. */
type ReadAck = (frame: Uint8Array, before: number, client: number) => number;

/** The saved state vector tells of every edit: each sets another key, one clock tick each. */
const readBatonAck: ReadAck = (frame, before, client) => {
  const decoder = decoding.createDecoder(frame);
  if (decoding.readVarUint(decoder) !== DOC_MESSAGE.saved) return before;
  return Y.decodeStateVector(readSaved(decoder).stateVector).get(client) ?? before;
};

/** Each update is answered by one `SyncStatus(true)`. */
const readHocuspocusAck: ReadAck = (frame, before) => {
  const decoder = decoding.createDecoder(frame);
  decoding.readVarString(decoder);
  const isStatus = decoding.readVarUint(decoder) === HOCUSPOCUS_SYNC_STATUS;
  return isStatus && decoding.readVarUint(decoder) === 1 ? before + 1 : before;
};

const NO_ACK: ReadAck = (_, before) => before;

/** Writes until the server is killed, starts it again, and counts what is still there. */
const measure = async (server: DocServer, readAck: ReadAck) => {
  const address = await server.fresh();
  const doc = new Y.Doc();
  let acked = 0;
  const link = await openDocClient(address, server.dialect, {
    onOther: (frame) => {
      acked = readAck(frame, acked, doc.clientID);
    },
  });
  doc.on('update', (update: Uint8Array) => link.send(update));
  let sent = 0;
  const writing = setInterval(() => doc.getMap('participants').set(`k${sent}`, sent++), EVERY_MS);
  await wait(WRITE_MS);
  const [claimed, made] = [acked, sent];
  await server.restart();
  clearInterval(writing);
  link.close();

  const after = new Y.Doc();
  const reader = await openDocClient(address, server.dialect, { onUpdate: (it) => Y.applyUpdate(after, it) });
  reader.close();
  return { made, claimed, kept: after.getMap('participants').size };
};

const run = async (): Promise<Figures> => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-bench-'));
  const servers: readonly (readonly [DocServer, ReadAck])[] = [
    [await startBaton(), readBatonAck],
    [await startPeerServer('hocuspocus', join(folder, 'document')), readHocuspocusAck],
    [await startPeerServer('y-websocket'), NO_ACK],
  ];
  try {
    const outcomes = await Promise.all(servers.map(([server, readAck]) => measure(server, readAck)));
    const figures: Record<string, number> = {};
    servers.forEach(([{ name }], index) => {
      const { made, claimed, kept } = outcomes[index] ?? { made: Number.NaN, claimed: Number.NaN, kept: Number.NaN };
      figures[`${name}: edits made`] = made;
      figures[`${name}: edits said to be saved`] = claimed;
      figures[`${name}: edits there after the restart`] = kept;
      figures[`${name}: saved edits lost`] = Math.max(0, claimed - kept);
      figures[`${name}: share of the edits lost`] = rounded(Math.max(0, made - kept) / made);
    });
    return figures;
  } finally {
    for (const [server] of servers) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

export const docKill: Benchmark = {
  name: 'doc-kill',
  method:
    `an edit each ${EVERY_MS} ms, each of another key; after ${WRITE_MS / 1000} s the server is killed (-9) and started again; a fresh reader ` +
    'counts the keys. Hocuspocus keeps the document in a file as its database extensions do; y-websocket’s server keeps nothing and claims nothing',
  run,
};
