import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openStage, type Stage } from '../support/stage.ts';
import type { Seen } from './turn-meter.ts';

/** A relay whose main thread is watched from inside. */
export interface ProbedRelay {
  readonly stage: Stage;
  /** Waits until the relay has nothing to do any more, and tells what was seen since the last call. */
  readonly settled: () => Promise<Seen>;
}

const REST_MS = 200;
/** A relay that does nothing uses some of it for the probe itself; waiting for a core is work, too. */
const IDLE_SHARE = 0.25;
const MAX_RESTS = 600;

/** What the service that is shipped gives Node. */
export const shippedNodeOptions = (): string => {
  const unit = readFileSync(new URL('../../../deploy/baton-relay.service', import.meta.url), 'utf8');
  const [, options] = /^Environment=NODE_OPTIONS=(.*)$/m.exec(unit) ?? [];
  if (options === undefined) throw new Error('deploy/baton-relay.service has no NODE_OPTIONS');
  return options;
};

const longer = (a: Seen, b: Seen): Seen => ({
  cpuMs: Math.max(a.cpuMs, b.cpuMs),
  codeMs: Math.max(a.codeMs, b.codeMs),
  wallMs: Math.max(a.wallMs, b.wallMs),
  majorMs: Math.max(a.majorMs, b.majorMs),
  minorMs: Math.max(a.minorMs, b.minorMs),
  delayMs: Math.max(a.delayMs, b.delayMs),
  stolenMs: a.stolenMs + b.stolenMs,
  allMs: a.allMs + b.allMs,
  busyMs: a.busyMs + b.busyMs,
});

export const openProbedRelay = async (nodeOptions: string): Promise<ProbedRelay> => {
  const probe = new URL('./loop-probe.js', import.meta.url).href;
  const stage = await openStage([], { NODE_OPTIONS: `${nodeOptions} --import ${probe}` });
  let asked = 0;
  const ask = async (): Promise<Seen> => {
    process.kill(stage.relay.pid, 'SIGUSR2');
    const [, json = ''] = await stage.relay.line(new RegExp(`^loop-probe ${++asked} (.*)$`));
    return JSON.parse(json) as Seen;
  };
  const settled = async (): Promise<Seen> => {
    let all = await ask();
    for (let rests = 0; rests < MAX_RESTS; rests++) {
      const from = performance.now();
      await wait(REST_MS);
      const some = await ask();
      all = longer(all, some);
      if (some.busyMs < IDLE_SHARE * (performance.now() - from)) return all;
    }
    throw new Error('the relay does not come to rest');
  };
  return { stage, settled };
};
