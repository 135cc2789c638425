import { setTimeout as wait } from 'node:timers/promises';
import * as Y from 'yjs';
import { type Benchmark, type Figures, residentBytes, rounded } from '../support/measure.ts';
import { openDocClient } from './doc-client.ts';
import { asStock, type DocServer, startServers } from './doc-servers.ts';
import { heapBytes } from './heap.ts';
import { type Readers, startReaders } from './readers.ts';

const CONNECTIONS = 1_000;
const DOCUMENTS = 500;
const ABREAST = 20;
/** A relay keeps a document that nobody uses for ten seconds. */
const FREED_AFTER_MS = 12_000;

/** About 19 KB of changes, as of a set-up document. */
const content = (): Uint8Array => {
  const doc = new Y.Doc();
  const map = doc.getMap('participants');
  doc.transact(() => {
    for (let n = 0; n < 300; n++) map.set(`k${n}`, `a value of some forty characters, number ${n}`);
  });
  return Y.encodeStateAsUpdate(doc);
};

const measureConnections = async (server: DocServer, readers: Readers) => {
  const address = asStock(await server.fresh());
  const [heap, resident] = [await heapBytes(server), (await residentBytes(server.pid())) ?? Number.NaN];
  await readers.open({ ...address, dialect: server.dialect, stateVector: 'AA==', count: CONNECTIONS, abreast: 100 });
  const figures = {
    heap: ((await heapBytes(server)) - heap) / CONNECTIONS,
    resident: (((await residentBytes(server.pid())) ?? Number.NaN) - resident) / CONNECTIONS,
  };
  await readers.close();
  return figures;
};

const openAndLeave = async (server: DocServer, update: Uint8Array): Promise<void> => {
  const address = asStock(await server.fresh());
  const link = await openDocClient(address, server.dialect);
  let seen = (): void => {};
  const stored = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const onUpdate = (it: Uint8Array): void => {
    if (it.length > 2) seen();
  };
  const watcher = await openDocClient(address, server.dialect, { onUpdate });
  link.send(update);
  await stored;
  link.close();
  watcher.close();
};

const measureDocuments = async (server: DocServer): Promise<number> => {
  const update = content();
  await openAndLeave(server, update);
  const before = await heapBytes(server);
  let next = 0;
  const leaveNext = async (): Promise<void> => {
    while (next++ < DOCUMENTS) await openAndLeave(server, update);
  };
  await Promise.all(Array.from({ length: ABREAST }, leaveNext));
  await wait(FREED_AFTER_MS);
  return ((await heapBytes(server)) - before) / DOCUMENTS;
};

const run = async (): Promise<Figures> => {
  const servers = await startServers();
  const readers = startReaders();
  const figures: Record<string, number> = {};
  try {
    for (const server of servers) {
      const { heap, resident } = await measureConnections(server, readers);
      figures[`${server.name}: heap KB per idle connection`] = rounded(heap / 1e3);
      figures[`${server.name}: RSS KB per idle connection`] = rounded(resident / 1e3);
    }
    const kept = await Promise.all(servers.map(measureDocuments));
    servers.forEach(({ name }, index) => {
      figures[`${name}: heap KB kept per document closed`] = rounded((kept[index] ?? Number.NaN) / 1e3);
    });
    return figures;
  } finally {
    await readers.end();
    for (const server of servers) await server.stop();
  }
};

export const docMemory: Benchmark = {
  name: 'doc-memory',
  method:
    `heap after collections, and resident memory, before and with ${CONNECTIONS} idle connections to one document; heap before and ` +
    `${FREED_AFTER_MS / 1000} s after ${DOCUMENTS} documents of 19 KB were opened, written and left`,
  run,
};
