import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { append } from './append/append.ts';
import { codec } from './codec/codec.ts';
import { docFanOut } from './docs/fan-out.ts';
import { docJoin } from './docs/join.ts';
import { docKill } from './docs/kill.ts';
import { docMemory } from './docs/memory.ts';
import { docRoster } from './docs/roster-load.ts';
import { docSync } from './docs/sync.ts';
import { foldCosts } from './fold/fold.ts';
import { gate } from './gate/gate.ts';
import { keeping, keepingTenMillion } from './keeping/keeping.ts';
import { latency } from './latency/latency.ts';
import { live } from './live/live.ts';
import { loop, loopPlain } from './loop/loop.ts';
import { pull } from './pull/pull.ts';
import { replicaBrowser } from './replica/browser.ts';
import { replicaCosts } from './replica/costs.ts';
import { replica, replicaMillion } from './replica/replica.ts';
import { mappingFanOut } from './selection/mapping-fan-out.ts';
import { mappingLatency } from './selection/mapping-latency.ts';
import { replayRate } from './selection/replay.ts';
import { sessions } from './sessions/sessions.ts';
import { spectatorFanOut } from './spectators/fan-out.ts';
import { matToPhone } from './spectators/mat-to-phone.ts';
import { phone } from './spectators/phone.ts';
import { storm } from './storm/storm.ts';
import { subscriptions } from './subscriptions/subscriptions.ts';
import type { Benchmark, Figures } from './support/measure.ts';
import { tableOf } from './support/table.ts';
import { venueApart } from './venue/apart.ts';
import { venue, venueMillion } from './venue/venue.ts';

const ALL: readonly Benchmark[] = [
  codec,
  append,
  pull,
  latency,
  sessions,
  mappingLatency,
  replayRate,
  mappingFanOut,
  storm,
  docFanOut,
  docSync,
  docJoin,
  docKill,
  docMemory,
  docRoster,
  gate,
  loop,
  loopPlain,
  foldCosts,
  replica,
  replicaMillion,
  replicaCosts,
  replicaBrowser,
  live,
  subscriptions,
  spectatorFanOut,
  phone,
  matToPhone,
  keeping,
  keepingTenMillion,
  venue,
  venueMillion,
  venueApart,
];

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const show = (benchmark: Benchmark, figures: Figures): void => {
  print(`\n${benchmark.name}: ${benchmark.method}`);
  if (benchmark.isTable === true) for (const line of tableOf(figures)) print(`  ${line}`);
  else for (const [name, value] of Object.entries(figures)) print(`  ${name.padEnd(58)} ${value}`);
};

const chosen = (names: readonly string[]): readonly Benchmark[] => {
  const unknown = names.find((name) => !ALL.some((it) => it.name === name));
  if (unknown !== undefined) throw new Error(`expected ${ALL.map((it) => it.name).join(', ')}, got ${unknown}`);
  return names.length === 0 ? ALL : ALL.filter((it) => names.includes(it.name));
};

/** Those of the benchmarks that ran are replaced, the others kept. */
const saveBaselines = async (figures: Readonly<Record<string, Figures>>): Promise<void> => {
  const file = new URL('../baselines.json', import.meta.url);
  const former: unknown = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
  await writeFile(file, `${JSON.stringify({ ...(former as object), ...figures }, null, 2)}\n`);
};

const args = process.argv.slice(2);
const save = args.includes('--save');
const results: Record<string, Figures> = {};
print(`node ${process.version}, ${cpus().length} cores`);
for (const benchmark of chosen(args.filter((it) => it !== '--save'))) {
  const figures = await benchmark.run();
  results[benchmark.name] = figures;
  show(benchmark, figures);
}
if (save) await saveBaselines(results);
