import { openSync, readFileSync, readSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { createTurnMeter, type GcPause, type Look, type Seen } from './turn-meter.ts';

/**
 * Loaded into the relay before its own modules (`--import`), by the benchmark only. It looks at the main thread's CPU time each
 * millisecond; on SIGUSR2 it says on stdout what the dearest stretch between two looks cost since it was asked last, and what Node's own
 * watch of the event loop saw.
 */

const LOOK_MS = 1;

/** How long this thread has run, and waited for a core, by the kernel's scheduler. */
const openThreadClock = (): (() => Omit<Look, 'at'>) => {
  const file = openSync('/proc/thread-self/schedstat', 'r');
  const bytes = Buffer.alloc(64);
  return () => {
    const length = readSync(file, bytes, 0, bytes.length, 0);
    const [ran = '0', waited = '0'] = bytes.toString('latin1', 0, length).split(' ');
    return { cpuMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
  };
};

/** `steal` of all cores, in hundredths of a second (proc(5)). */
const stolenMs = (): number => {
  const [, , , , , , , , stolen = '0'] = readFileSync('/proc/stat', 'latin1').split(/\s+/, 9);
  return Number(stolen) * 10;
};

const watchGarbage = (onPause: (pause: GcPause) => void): void => {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as { readonly detail?: { readonly kind?: number } };
      onPause({
        at: entry.startTime,
        ms: entry.duration,
        isMajor: detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR,
      });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
};

const start = (): void => {
  const meter = createTurnMeter();
  const thread = openThreadClock();
  const lookNow = (): Look => ({ at: performance.now(), ...thread() });
  watchGarbage(meter.pause);
  meter.look(lookNow());
  setInterval(() => meter.look(lookNow()), LOOK_MS).unref();
  const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
  delays.enable();
  let asked = 0;
  let stolen = stolenMs();
  process.on('SIGUSR2', () => {
    meter.look(lookNow());
    const stolenBefore = stolen;
    stolen = stolenMs();
    const seen: Seen = { ...meter.take(), delayMs: delays.max / 1e6, stolenMs: stolen - stolenBefore };
    delays.reset();
    process.stdout.write(`loop-probe ${++asked} ${JSON.stringify(seen)}\n`);
  });
};

if (isMainThread) start();
