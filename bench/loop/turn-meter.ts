/** A moment of a thread, in ms: the monotonic clock, the CPU time that the thread had used by then, and how long it had waited for a core. */
export interface Look {
  readonly at: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
}

/** A pause for the garbage collector, by the monotonic clock. */
export interface GcPause {
  readonly at: number;
  readonly ms: number;
  readonly isMajor: boolean;
}

/** What was seen since it was asked last, in ms. */
export interface Turns {
  /** Dearest stretch between two looks: CPU of the thread, garbage collector included. */
  readonly cpuMs: number;
  /** The dearest one without the pauses for the garbage collector that fell into it. */
  readonly codeMs: number;
  /** Longest time between two looks by the clock on the wall: other programs count. */
  readonly wallMs: number;
  /** Longest single pauses for the garbage collector. */
  readonly majorMs: number;
  readonly minorMs: number;
  /** All of the thread's CPU, and with the time that it waited for a core. */
  readonly allMs: number;
  readonly busyMs: number;
}

/** The same with the longest delay that Node's `monitorEventLoopDelay` saw, in ms. */
export interface Seen extends Turns {
  readonly delayMs: number;
  /** CPU of all cores that the machine's host gave to others meanwhile, in ms: no fault of who had to wait. */
  readonly stolenMs: number;
}

/** Makes the longest turns out of looks and pauses; pure, the probe feeds it. */
export interface TurnMeter {
  readonly look: (look: Look) => void;
  readonly pause: (pause: GcPause) => void;
  readonly take: () => Turns;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly cpuMs: number;
}

/** Cheaper stretches are not kept. */
const WORTH_MS = 8;
const MAX_KEPT = 5000;

const within = ({ from, to }: Stretch, { at, ms }: GcPause): boolean => at >= from - 0.5 && at + ms <= to + 0.5;

export const createTurnMeter = (): TurnMeter => {
  let last: Look | null = null;
  let first: Look | null = null;
  let wallMs = 0;
  let cpuMs = 0;
  let stretches: Stretch[] = [];
  let pauses: GcPause[] = [];

  const codeOf = (stretch: Stretch): number =>
    stretch.cpuMs - pauses.reduce((sum, pause) => sum + (within(stretch, pause) ? pause.ms : 0), 0);

  const longest = (isMajor: boolean): number =>
    pauses.reduce((max, it) => (it.isMajor === isMajor ? Math.max(max, it.ms) : max), 0);

  const since = (field: 'cpuMs' | 'waitedMs'): number => (last?.[field] ?? 0) - (first?.[field] ?? 0);

  return {
    look: (now) => {
      if (last !== null) {
        const stretch = { from: last.at, to: now.at, cpuMs: now.cpuMs - last.cpuMs };
        cpuMs = Math.max(cpuMs, stretch.cpuMs);
        wallMs = Math.max(wallMs, now.at - last.at);
        if (stretch.cpuMs > WORTH_MS && stretches.length < MAX_KEPT) stretches.push(stretch);
      }
      first ??= now;
      last = now;
    },
    pause: (pause) => {
      if (pauses.length < MAX_KEPT) pauses.push(pause);
    },
    take: () => {
      const codeMs = stretches.reduce((max, it) => Math.max(max, codeOf(it)), Math.min(cpuMs, WORTH_MS));
      const turns = {
        cpuMs,
        codeMs,
        wallMs,
        majorMs: longest(true),
        minorMs: longest(false),
        allMs: since('cpuMs'),
        busyMs: since('cpuMs') + since('waitedMs'),
      };
      first = last;
      [wallMs, cpuMs, stretches, pauses] = [0, 0, [], []];
      return turns;
    },
  };
};
