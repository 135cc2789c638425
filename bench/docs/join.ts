import { answerSteps } from '@baton/sync-server/answers';
import * as Y from 'yjs';
import { type Benchmark, cpuSeconds, type Figures, median, rounded } from '../support/measure.ts';
import { openDocClient } from './doc-client.ts';
import { asStock, type DocServer, startBaton } from './doc-servers.ts';
import { makeRoster, type Roster, uploadRoster } from './roster.ts';

const SIZES = [10_000, 55_000] as const;
const ROUNDS = 7;
const JOINS = 12;
const NOTHING: ReadonlyMap<number, number> = new Map();

/** CPU microseconds of this process: a wall clock would count what else the machine does. */
const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const costOf = (run: () => void): number => {
  const before = cpuMicros();
  run();
  return (cpuMicros() - before) / 1000;
};

interface Encoding {
  readonly longest: number;
  readonly all: number;
}

const encodeInSteps = (doc: Y.Doc): Encoding => {
  const steps = answerSteps(doc, NOTHING);
  let [longest, all] = [0, 0];
  for (let done = false; !done; ) {
    const ms = costOf(() => {
      done = steps.next().done === true;
    });
    longest = Math.max(longest, ms);
    all += ms;
  }
  return { longest, all };
};

const measureEncoding = (doc: Y.Doc) => {
  encodeInSteps(doc); // warm
  const rounds = Array.from({ length: ROUNDS }, () => encodeInSteps(doc));
  const atOnce = Array.from({ length: ROUNDS }, () => costOf(() => void Y.encodeStateAsUpdate(doc)));
  return {
    longest: median(rounds.map((it) => it.longest)),
    all: median(rounds.map((it) => it.all)),
    atOnce: median(atOnce),
  };
};

/** Relay CPU ms of a join, the mean of several one after another, each after a change. */
const measureJoins = async (server: DocServer, roster: Roster) => {
  const address = asStock(await server.fresh());
  const letGo = await uploadRoster(server, address, roster);
  const doc = new Y.Doc();
  const link = await openDocClient(address, server.dialect);
  doc.on('update', (update: Uint8Array) => link.send(update));
  const costs: number[] = [];
  for (let n = 0; n < JOINS; n++) {
    doc.getMap('corrections').set('bench', n);
    const before = (await cpuSeconds(server.pid())) ?? Number.NaN;
    (await openDocClient(address, server.dialect)).close();
    costs.push(1000 * (((await cpuSeconds(server.pid())) ?? Number.NaN) - before));
  }
  link.close();
  letGo();
  return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
};

const run = async (): Promise<Figures> => {
  const figures: Record<string, number> = {};
  const server = await startBaton();
  try {
    for (const size of SIZES) {
      const roster = makeRoster(size);
      const doc = new Y.Doc({ gc: false });
      Y.applyUpdate(doc, roster.state);
      const { longest, all, atOnce } = measureEncoding(doc);
      figures[`${size} people: longest step of encoding the answer, CPU ms`] = rounded(longest);
      figures[`${size} people: all steps of it, CPU ms`] = rounded(all);
      figures[`${size} people: Yjs at once, CPU ms`] = rounded(atOnce);
      figures[`${size} people: a join after a change, relay CPU ms`] = rounded(await measureJoins(server, roster));
    }
    return figures;
  } finally {
    await server.stop();
  }
};

export const docJoin: Benchmark = {
  name: 'doc-join',
  method:
    `rosters of ${SIZES.join(' and ')} people; the encoding in this process, median of ${ROUNDS} rounds, garbage collector included; ` +
    `then ${JOINS} clients that have nothing join a relay one after another, each after a change; mean`,
  run,
};
