import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { type Benchmark, cpuSeconds, type Figures, now, rounded } from '../support/measure.ts';
import { measureBareWrites } from './bare-writes.ts';
import { type DocClient, openDocClient } from './doc-client.ts';
import { asStock, type DocServer, startServers } from './doc-servers.ts';
import { type Readers, startReaders } from './readers.ts';

const READERS = [50, 200, 1000] as const;
const ROUNDS = 2;
const ROUND_MS = 1_500;
const WARM_UP_MS = 400;
/** Changes under way at once: unseen by the observer. A write to a reader never carries more of them. */
const WINDOW = 32;
/** The same with more of them, where what a server does for a change counts for more than its writes. */
const MANY = { window: 128, readers: 200 } as const;
const KEYS = 50;
/** More than the fastest sends in a round. */
const CHANGES = 120_000;
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

/** One who sends changes, `window` of them unseen by the observer at most. */
const createWriter = (changes: readonly Uint8Array[], link: DocClient, window: number) => {
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
          for (; !over && sent - seen < window && sent < changes.length; sent++) link.send(changes[sent] ?? NOTHING);
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
  window: number,
): Promise<Measured> => {
  const address = asStock(await server.fresh());
  const link = await openDocClient(address, server.dialect);
  const writer = createWriter(changes, link, window);
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

interface Load {
  readonly changes: readonly Uint8Array[];
  readonly count: number;
  readonly window: number;
  /** What the figures' names begin with. */
  readonly title: string;
}

/** The servers take turns, so that a slow moment of the machine is not one server's alone. */
const compare = async (
  servers: readonly DocServer[],
  readers: Readers,
  { changes, count, window, title }: Load,
  figures: Record<string, number>,
): Promise<void> => {
  const rounds = new Map<string, Measured[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of servers) rounds.get(server.name)?.push(await measure(server, readers, count, changes, window));
  }
  const baton = total(rounds.get('baton') ?? []);
  for (const { name } of servers) {
    const { rate, cpu } = total(rounds.get(name) ?? []);
    figures[`${title}: ${name} deliveries per second`] = rounded(rate);
    figures[`${title}: ${name} CPU µs per delivery`] = rounded(cpu);
    if (name === 'baton') continue;
    figures[`${title}: rate, baton to ${name}`] = rounded(baton.rate / rate);
    figures[`${title}: CPU per delivery, baton to ${name}`] = rounded(baton.cpu / cpu);
  }
};

const run = async (): Promise<Figures> => {
  const changes = makeChanges(CHANGES); // before anybody is connected: it takes seconds in which nothing is answered
  const joinedBytes = changes.slice(0, WINDOW).reduce((sum, { length }) => sum + length, 0);
  const servers = await startServers();
  const readers = startReaders();
  const figures: Record<string, number> = {};
  try {
    // not counted: else the fewest readers, who come first, would be charged for compiling the servers' code
    for (const server of servers) await measure(server, readers, READERS[0], changes, WINDOW);
    for (const count of READERS) {
      const title = `${count} readers`;
      await compare(servers, readers, { changes, count, window: WINDOW, title }, figures);
      const writes = await measureBareWrites(count, joinedBytes);
      figures[`${title}: bare TCP writes of ${WINDOW} changes each, CPU µs per delivery`] = rounded(writes / WINDOW);
    }
    const { readers: count, window } = MANY;
    await compare(
      servers,
      readers,
      { changes, count, window, title: `${count} readers, ${window} under way` },
      figures,
    );
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
    'many a server merges into a frame; Baton stores each change with a sync to disk, the others keep it in memory; beside them a process that ' +
    'only writes so many bytes to as many plain TCP connections, which no server can do without as long as each reader has a connection; ' +
    `and once more with ${MANY.window} changes under way`,
  run,
};
