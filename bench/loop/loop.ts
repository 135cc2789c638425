import { type Benchmark, type Figures, rounded } from '../support/measure.ts';
import { ORDINARY_PRIORITY } from '../support/stage.ts';
import { startPlayer } from './player.ts';
import { openProbedRelay, shippedNodeOptions } from './probed-relay.ts';
import { PEOPLE, STEPS } from './steps.ts';
import type { Seen } from './turn-meter.ts';

const COLUMNS: readonly (readonly [name: string, of: (seen: Seen) => number])[] = [
  ['CPU ms', (it) => it.cpuMs],
  ['CPU ms without GC', (it) => it.codeMs],
  ['major GC ms', (it) => it.majorMs],
  ['wall ms', (it) => it.wallMs],
  ['loop delay ms', (it) => it.delayMs],
  ['stolen ms', (it) => it.stolenMs],
];

const note = (figures: Record<string, number>, row: string, seen: readonly Seen[]): void => {
  for (const [column, of] of COLUMNS) figures[`${row}: ${column}`] = rounded(Math.max(...seen.map(of)));
};

const run = (nodeOptions: () => string) => async (): Promise<Figures> => {
  const { stage, settled } = await openProbedRelay(nodeOptions());
  const player = startPlayer();
  const figures: Record<string, number> = {};
  const all: Seen[] = [];
  try {
    await player.prepare(stage);
    for (const { name } of STEPS) {
      await settled();
      await player.play(name);
      const seen = await settled();
      all.push(seen);
      note(figures, name, [seen]);
    }
    note(figures, 'longest of all', all);
    return figures;
  } finally {
    await player.end();
    await stage.dispose();
  }
};

const METHOD =
  `with an event of ${PEOPLE} people with chips, step after step, played by a process that stands behind the relay wherever cores are short ` +
  '(nice 19); after each the longest turn of the relay’s event loop: CPU of its main thread between two looks a millisecond apart, the same by the ' +
  'wall, the longest delay that monitorEventLoopDelay saw, and the CPU of all cores that the machine’s host gave to others meanwhile';

export const loop: Benchmark = {
  name: 'loop',
  method: `a relay as the shipped service starts it (where whoever measures may give it priority, too), ${METHOD}`,
  run: run(shippedNodeOptions),
  isTable: true,
};

export const loopPlain: Benchmark = {
  name: 'loop-plain',
  method: `a relay started by hand, without options for Node, by a user who may not give it priority, ${METHOD}`,
  run: run(() => ORDINARY_PRIORITY),
  isTable: true,
};
