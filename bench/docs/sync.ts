import * as Y from 'yjs';
import { type Benchmark, cpuSeconds, type Figures, median, rounded } from '../support/measure.ts';
import { openDocClient } from './doc-client.ts';
import { asStock, type DocAddress, type DocServer, startServers } from './doc-servers.ts';
import { type Readers, startReaders } from './readers.ts';
import { makeRoster, type Roster, uploadRoster } from './roster.ts';

const PEOPLE = 10_000;
const FRESH = 40;
const CHANGED = 12;
const RETURNING = 1_000;
/** Crowds that come back, one after another; the median counts. */
const CROWDS = 5;
const NOTHING = 'AA==';

interface Opened {
  readonly msEach: number;
  readonly cpuMsEach: number;
}

interface Opening {
  readonly server: DocServer;
  readonly readers: Readers;
  readonly address: DocAddress;
  /** Size of the document. */
  readonly bytes: number;
}

const open = async (
  { server, readers, address }: Opening,
  count: number,
  abreast: number,
  stateVector: string,
  leastBytes = 0,
): Promise<{ readonly ms: number; readonly cpuMs: number }> => {
  const before = (await cpuSeconds(server.pid())) ?? Number.NaN;
  const { ms, bytes } = await readers.open({ ...address, dialect: server.dialect, stateVector, count, abreast });
  if (bytes < leastBytes) throw new Error(`${server.name} answered with ${bytes} bytes, less than there are`);
  const cpuMs = 1000 * (((await cpuSeconds(server.pid())) ?? Number.NaN) - before);
  await readers.close();
  return { ms, cpuMs };
};

/** One after another; the document stays as it is. */
const openFresh = async (opening: Opening): Promise<Opened> => {
  await open(opening, 3, 1, NOTHING);
  const { ms, cpuMs } = await open(opening, FRESH, 1, NOTHING, FRESH * opening.bytes);
  return { msEach: ms / FRESH, cpuMsEach: cpuMs / FRESH };
};

/** One after another, with a change before each, so that no answer can be used twice. */
const openChanged = async (opening: Opening): Promise<number> => {
  const doc = new Y.Doc();
  const link = await openDocClient(opening.address, opening.server.dialect);
  doc.on('update', (update: Uint8Array) => link.send(update));
  let cpuMs = 0;
  for (let n = 0; n < CHANGED; n++) {
    doc.getMap('corrections').set('bench', n);
    cpuMs += (await open(opening, 1, 1, NOTHING)).cpuMs;
  }
  link.close();
  return cpuMs / CHANGED;
};

const measure = async (server: DocServer, readers: Readers, roster: Roster) => {
  const address = asStock(await server.fresh());
  const letGo = await uploadRoster(server, address, roster);
  const opening = { server, readers, address, bytes: roster.state.length };
  const fresh = await openFresh(opening);
  const stateVector = Buffer.from(roster.stateVector).toString('base64');
  const crowds: Awaited<ReturnType<typeof open>>[] = [];
  while (crowds.length < CROWDS) crowds.push(await open(opening, RETURNING, RETURNING, stateVector));
  const returning = { ms: median(crowds.map((it) => it.ms)), cpuMs: median(crowds.map((it) => it.cpuMs)) };
  const changed = await openChanged(opening);
  letGo();
  return { fresh, changed, returning };
};

const run = async (): Promise<Figures> => {
  const roster = makeRoster(PEOPLE); // before anybody is connected: it takes seconds in which nothing is answered
  const servers = await startServers();
  const readers = startReaders();
  const figures: Record<string, number> = { 'roster MB encoded': rounded(roster.state.length / 1e6) };
  try {
    let baton: Awaited<ReturnType<typeof measure>> | null = null;
    for (const server of servers) {
      const it = await measure(server, readers, roster);
      const { name } = server;
      baton ??= it;
      figures[`${name}: fresh sync, server CPU ms`] = rounded(it.fresh.cpuMsEach);
      figures[`${name}: fresh sync, ms to the whole answer`] = rounded(it.fresh.msEach);
      figures[`${name}: fresh sync after a change, server CPU ms`] = rounded(it.changed);
      figures[`${name}: ${RETURNING} come back at once, ms until all synced`] = rounded(it.returning.ms);
      figures[`${name}: ${RETURNING} come back at once, server CPU ms each`] = rounded(it.returning.cpuMs / RETURNING);
      if (name === 'baton') continue;
      figures[`fresh sync CPU, baton to ${name}`] = rounded(baton.fresh.cpuMsEach / it.fresh.cpuMsEach);
      figures[`${RETURNING} back, time, baton to ${name}`] = rounded(baton.returning.ms / it.returning.ms);
    }
    return figures;
  } finally {
    await readers.end();
    for (const server of servers) await server.stop();
  }
};

export const docSync: Benchmark = {
  name: 'doc-sync',
  method:
    `a roster of ${PEOPLE} people; ${FRESH} clients that have nothing open it one after another; ${RETURNING} that have everything ` +
    `connect at once, as after an outage, median of ${CROWDS} such crowds; ${CHANGED} that have nothing, each after a change of the roster`,
  run,
};
