import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReceiverSeat } from './race-receiver.ts';

/** What the process of one receiver is told. */
export interface PlayerTask {
  readonly seat: ReceiverSeat;
  readonly forwarderToken: string;
  readonly dataDir: string;
  readonly reads: number;
  readonly atFinish: number;
  /** Without it there are no races: reads and roll-ups only. */
  readonly withSetup: boolean;
}

/** What it found; seconds and milliseconds count from connecting unless said. */
export interface PlayerReport {
  readonly openSeconds: number;
  readonly heldSeconds: number;
  /** CPU of all its threads meanwhile. */
  readonly heldCpuSeconds: number;
  readonly readBytes: number;
  /** The rest only with the setup. */
  readonly answered: Answered | null;
}

export interface Answered {
  readonly answerSeconds: number;
  readonly answerCpuSeconds: number;
  readonly topMs: number;
  readonly allMs: number;
  readonly fromReadsMs: number;
  readonly liveMs: { readonly rollUp: number; readonly results: number };
  /** Without waiting for further changes. */
  readonly liveAtOnceMs: { readonly rollUp: number; readonly results: number };
  readonly residentMb: number;
  readonly peakResidentMb: number;
  readonly tableBytes: number;
  readonly warmSeconds: number;
  readonly projectedPerSecond: number;
}

const LONGEST_MS = 1_800_000;
const MAIN = fileURLToPath(new URL('./player-main.js', import.meta.url));

/** Runs one receiver in a process of its own, so that its memory is its own; with this one's options of Node, as `--cpu-prof`. */
export const play = (task: PlayerTask): Promise<PlayerReport> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LONGEST_MS,
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(said) as PlayerReport);
      else reject(new Error(`the receiver ended with ${code ?? signal}, after ${LONGEST_MS} ms at most`));
    });
  });
