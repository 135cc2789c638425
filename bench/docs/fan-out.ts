import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { type Benchmark, cpuSeconds, type Figures, now, rounded } from '../support/measure.ts';
import { type DocClient, openDocClient } from './doc-client.ts';
import { asStock, type DocServer, startServers } from './doc-servers.ts';
import { type Readers, startReaders } from './readers.ts';

const READERS = [50, 200, 1000] as const;
const ROUNDS = 2;
const ROUND_MS = 1_500;
const WARM_UP_MS = 400;
/** Changes under way at once: unseen by the observer. */
const WINDOW = 32;
const KEYS = 50;
/** More than the fastest sends in a round. */
const CHANGES = 80_000;
const NOTHING = Uint8Array.of(0, 0);

interface Measured {
  readonly deliveries: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Changes of one client, one after another: a map's keys set in turn, about 60 bytes each. Made before anything is measured. */
const makeChanges = (count: number): readonly Uint8Array[] => {
  const doc = new Y.Doc();
  const map = doc.getMap('participants');
  const changes: Uint8Array[] = [];
  doc.on('update', (change: Uint8Array) => changes.push(Uint8Array.from(change)));
  for (let n = 0; n < count; n++) map.set(`k${n % KEYS}`, `value of a change ${String(n).padStart(8, '0')}`);
  return changes;
};

/** How many changes of their writer have arrived with this update, merged or not: structs of one clock tick each. */
const reached = (update: Uint8Array): number => {
  const decoder = decoding.createDecoder(update);
  if (decoding.readVarUint(decoder) !== 1) return 0;
  const structs = decoding.readVarUint(decoder);
  decoding.readVarUint(decoder);
  return decoding.readVarUint(decoder) + structs;
};

/** One who sends changes, `WINDOW` of them unseen by the observer at most. */
const createWriter = (changes: readonly Uint8Array[], link: DocClient) => {
  let sent = 0;
  let seen = 0;
  let onSeen = (): void => {};
  return {
    seen: () => seen,
    see: (update: Uint8Array): void => {
      seen = Math.max(seen, reached(update));
      onSeen();
    },
    /** Writes for so long, or until there are no more; resolves when all were seen. */
    writeFor: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const end = now() + ms;
        onSeen = () => {
          const over = now() >= end || sent === changes.length;
          for (; !over && sent - seen < WINDOW && sent < changes.length; sent++) link.send(changes[sent] ?? NOTHING);
          if (over && sent === seen) resolve();
        };
        onSeen();
      }),
  };
};

const measure = async (
  server: DocServer,
  readers: Readers,
  count: number,
  changes: readonly Uint8Array[],
): Promise<Measured> => {
  const address = asStock(await server.fresh());
  const link = await openDocClient(address, server.dialect);
  const writer = createWriter(changes, link);
  const observer = await openDocClient(address, server.dialect, { onUpdate: writer.see });
  await readers.open({ ...address, dialect: server.dialect, stateVector: 'AA==', count: count - 1, abreast: 100 });
  await writer.writeFor(WARM_UP_MS);
  await readers.mark();
  observer.mark();

  const [before, cpuBefore, started] = [writer.seen(), (await cpuSeconds(server.pid())) ?? 0, now()];
  await writer.writeFor(ROUND_MS);
  await readers.reach(observer.bytes());
  const seconds = (now() - started) / 1000;
  const cpu = ((await cpuSeconds(server.pid())) ?? Number.NaN) - cpuBefore;
  link.close();
  observer.close();
  await readers.close();
  return { deliveries: (writer.seen() - before) * count, seconds, cpuSeconds: cpu };
};

const total = (rounds: readonly Measured[]) => {
  const sum = (of: (it: Measured) => number): number => rounds.reduce((all, it) => all + of(it), 0);
  const deliveries = sum((it) => it.deliveries);
  return {
    rate: deliveries / sum((it) => it.seconds),
    cpu: (sum((it) => it.cpuSeconds) * 1e6) / deliveries,
  };
};

/** The servers take turns, so that a slow moment of the machine is not one server's alone. */
const run = async (): Promise<Figures> => {
  const changes = makeChanges(CHANGES); // before anybody is connected: it takes seconds in which nothing is answered
  const servers = await startServers();
  const readers = startReaders();
  const figures: Record<string, number> = {};
  try {
    // not counted: else the fewest readers, who come first, would be charged for compiling the servers' code
    for (const server of servers) await measure(server, readers, READERS[0], changes);
    for (const count of READERS) {
      const rounds = new Map<string, Measured[]>(servers.map(({ name }) => [name, []]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const server of servers) rounds.get(server.name)?.push(await measure(server, readers, count, changes));
      }
      const baton = total(rounds.get('baton') ?? []);
      for (const { name } of servers) {
        const { rate, cpu } = total(rounds.get(name) ?? []);
        figures[`${count} readers: ${name} deliveries per second`] = rounded(rate);
        figures[`${count} readers: ${name} CPU µs per delivery`] = rounded(cpu);
        if (name === 'baton') continue;
        figures[`${count} readers: rate, baton to ${name}`] = rounded(baton.rate / rate);
        figures[`${count} readers: CPU per delivery, baton to ${name}`] = rounded(baton.cpu / cpu);
      }
    }
    return figures;
  } finally {
    await readers.end();
    for (const server of servers) await server.stop();
  }
};

export const docFanOut: Benchmark = {
  name: 'doc-fan-out',
  method:
    `one writer changes a document, ${WINDOW} changes of about 60 bytes under way at once, for ${ROUND_MS} ms in each of ${ROUNDS} rounds after ` +
    `one that is not counted; ${READERS.join(', ')} readers in another process count bytes; a delivery is one change at one reader, however ` +
    'many a server merges into a frame; Baton stores each change with a sync to disk, the others keep it in memory',
  run,
};
