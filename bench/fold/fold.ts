import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRaceFold, type FoldInputs, foldRace, type RaceFold } from '@baton/schema/results';
import { type Benchmark, type Figures, median, now, ownCpuMs, quantile, rounded } from '../support/measure.ts';
import { foldInputs, foldReads, lateRead, participantId } from './fold-world.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const RUNNERS = 2500;
const READS_A_RUNNER = 20;
const LATE = 1000;
const MARATHON = 55_000;
const EDITS = 30;
const MICROS = 1000;

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('expected node to let go of its garbage when asked');
  collect();
};

interface Filled {
  readonly fold: RaceFold;
  readonly reads: number;
  readonly addMs: number;
  readonly settleMs: number;
}

const filled = (inputs: FoldInputs, runners: number, wanted: number): Filled => {
  const reads = [...foldReads(runners, wanted)];
  const fold = createRaceFold(inputs);
  const from = ownCpuMs();
  fold.add(reads);
  const added = ownCpuMs();
  fold.takeChanges();
  return { fold, reads: reads.length, addMs: added - from, settleMs: ownCpuMs() - added };
};

interface Late {
  readonly readMicros: number;
  readonly takeMicros: number;
}

/** One late line after another, the changes taken after each. */
const lateReads = (fold: RaceFold, runners: number): Late => {
  const [reads, takes]: [number[], number[]] = [[], []];
  for (let nth = 0; nth < 2 * LATE; nth++) {
    const read = lateRead(1 + ((nth * 37) % runners), nth);
    const from = now();
    fold.add([read]);
    fold.page({ offset: 0, limit: 0 });
    const settled = now();
    const changes = fold.takeChanges();
    if (changes.type !== 'some') throw new Error(`expected some changes after a late line, got ${changes.type}`);
    // the first half lets the engine compile
    if (nth < LATE) continue;
    reads.push((settled - from) * MICROS);
    takes.push((now() - settled) * MICROS);
  }
  return { readMicros: median(reads), takeMicros: median(takes) };
};

const RUNNERS_GROW = 'runners as many as reads / 20';
const RUNNERS_STAY = `${RUNNERS} runners`;

const lateFigures = (): Figures => {
  const figures: Record<string, number> = {};
  for (const [name, runnersOf] of [
    [RUNNERS_STAY, () => RUNNERS],
    [RUNNERS_GROW, (reads: number) => reads / READS_A_RUNNER],
  ] as const) {
    const costs = SIZES.map((size) => {
      const runners = runnersOf(size);
      const late = lateReads(filled(foldInputs(runners), runners, size).fold, runners);
      figures[`µs a late read, ${size} reads, ${name}`] = rounded(late.readMicros);
      figures[`µs to take its changes, ${size} reads, ${name}`] = rounded(late.takeMicros);
      return late.readMicros + late.takeMicros;
    });
    const [first = 1, , last = 1] = costs;
    figures[`cost at ${SIZES.at(-1)} to cost at ${SIZES[0]} reads, ${name}, ratio`] = rounded(last / first);
  }
  return figures;
};

const takingFigures = (): Figures => {
  const inputs = foldInputs(10_000);
  const rounds = [1, 2, 3].map(() => filled(inputs, 10_000, 200_000));
  const perSecond = (msOf: (it: Filled) => number): number =>
    Math.round(median(rounds.map((it) => (it.reads * 1000) / msOf(it))));
  const reads = [...foldReads(10_000, 200_000)];
  const from = ownCpuMs();
  foldRace(inputs, reads);
  const anewMs = ownCpuMs() - from;
  const { fold } = filled(inputs, 10_000, 200_000);
  const late = lateReads(fold, 10_000);
  return {
    'reads a CPU second that the fold takes': perSecond((it) => it.addMs),
    'reads a CPU second, results included': perSecond((it) => it.addMs + it.settleMs),
    'recomputing 200000 reads to one late read with its changes, ratio': rounded(
      (anewMs * MICROS) / (late.readMicros + late.takeMicros),
    ),
  };
};

const memoryFigures = (): Figures => {
  const inputs = foldInputs(10_000);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const fold = createRaceFold(inputs);
  let reads = 0;
  for (const read of foldReads(10_000, 1_000_000)) {
    fold.add([read]);
    reads++;
  }
  fold.takeChanges();
  collectGarbage();
  const bytes = process.memoryUsage().heapUsed - before;
  if (fold.page({ offset: 0, limit: 1 }).total !== 10_000) throw new Error('expected everybody to have a row');
  return { [`bytes of memory a read, ${reads} reads of 10000 runners`]: Math.round(bytes / reads) };
};

interface Sliced {
  readonly totalMs: number;
  /** The step below which 99 % of all are, and the longest one, with whatever garbage it had to collect. */
  readonly usualMs: number;
  readonly longestMs: number;
}

/** CPU of this process, step by step: other programs do not count, helpers of the garbage collector do. */
const slicedMs = (fold: RaceFold, inputs: FoldInputs): Sliced => {
  const steps: number[] = [];
  for (const work = fold.updateSliced(inputs); ; ) {
    const from = ownCpuMs();
    const { done } = work.next();
    steps.push(ownCpuMs() - from);
    if (done !== true) continue;
    const totalMs = steps.reduce((sum, ms) => sum + ms, 0);
    return { totalMs, usualMs: quantile(steps, 0.99), longestMs: Math.max(...steps) };
  }
};

const edited = (inputs: FoldInputs, nth: number): FoldInputs => {
  const participants = new Map(inputs.roster.participants);
  const id = participantId(1 + nth * 997);
  const before = participants.get(id);
  if (before === undefined) throw new Error(`expected a participant ${id}`);
  participants.set(id, { ...before, club: `Club ${nth}`, sex: 'X' });
  return { ...inputs, roster: { ...inputs.roster, participants } };
};

const editFigures = (): Figures => {
  const inputs = foldInputs(MARATHON);
  const { fold } = filled(inputs, MARATHON, 4 * MARATHON);
  let last = inputs;
  const edits = Array.from({ length: EDITS }, (_, nth) => {
    last = edited(last, nth);
    const sliced = slicedMs(fold, last);
    const from = ownCpuMs();
    fold.takeChanges();
    return { ...sliced, takeMs: ownCpuMs() - from };
  });
  const gun = { ...last, setup: foldInputs(1, '2026-04-12T08:59:30').setup };
  const anew = slicedMs(fold, gun);
  const editMs = median(edits.map((it) => it.totalMs + it.takeMs));
  return {
    [`CPU ms to edit a participant of ${MARATHON}, changes taken`]: rounded(editMs),
    [`CPU ms of its longest step, median of ${EDITS} edits`]: rounded(median(edits.map((it) => it.longestMs))),
    [`CPU ms of its longest step, longest of ${EDITS} edits`]: rounded(Math.max(...edits.map((it) => it.longestMs))),
    [`CPU ms to judge ${4 * MARATHON} reads of ${MARATHON} anew, another gun`]: rounded(anew.totalMs),
    'CPU ms of a step of it, p99': rounded(anew.usualMs),
    'CPU ms of a step of it, longest': rounded(anew.longestMs),
    'judging all anew to editing one, ratio': rounded(anew.totalMs / editMs),
  };
};

const run = async (): Promise<Figures> => ({
  ...takingFigures(),
  ...lateFigures(),
  ...memoryFigures(),
  ...editFigures(),
});

export const foldCosts: Benchmark = {
  name: 'fold',
  method:
    'the fold of results alone, one thread; a race with start, two splits and finish, six categories; a late line tells of an earlier finish, so ' +
    `that others move, median of ${LATE}; a participant's sex and club are edited, median of ${EDITS}`,
  run,
};
