import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog } from '@baton/schema/ports';
import { pairKey, type VectorClock } from '@baton/schema/reads';
import { type SeededRandom, withSeed } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPgliteReplica } from '../../src/replica/pglite-replica.ts';
import type { ApplyReply } from '../../src/replica/replica.ts';
import { MAT, madeFrames, madeRead, textOf } from './made-reads.ts';
import { realTimers } from './real-timers.ts';
import { readAll } from './replica-contract.ts';

const CHILD = fileURLToPath(new URL('./replica-child.mjs', import.meta.url));
const KEY = pairKey(MAT, 1);
/** Kills; `BATON_KILL_ROUNDS=30` is the long run. */
const ROUNDS = Number(process.env['BATON_KILL_ROUNDS'] ?? 3);
/** More than all rounds store. */
const ALL = 5000 * (ROUNDS + 1);

type Said =
  | { readonly type: 'open'; readonly clock: VectorClock }
  | { readonly type: 'reply'; readonly reply: ApplyReply };

/** Frames go to and fro as they are: bytes and maps. */
const startChild = (dataDir: string): ChildProcess =>
  fork(CHILD, [dataDir], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

interface Round {
  /** What the child held when it had opened; null: it was killed before that. */
  readonly opened: number | null;
  /** Highest seq whose commit was told. */
  readonly acked: number;
}

/** When to kill: some time after the start of the process, or after so many commits and a little more. */
interface Death {
  readonly commits: number;
  readonly ms: number;
}

/** Opens the replica in a process, pours reads into it, and kills it. */
const runRound = async (dataDir: string, death: Death, random: SeededRandom): Promise<Round> => {
  const child = startChild(dataDir);
  let timer: NodeJS.Timeout | undefined;
  const dieSoon = (): void => {
    timer = setTimeout(() => child.kill('SIGKILL'), death.ms);
  };
  let opened: number | null = null;
  let sent = 0;
  let commits = 0;
  let acked = 0;

  const pour = (): void => {
    if (sent >= ALL || !child.connected) return;
    const to = Math.min(ALL, sent + random.int(1, 600));
    child.send([...madeFrames(MAT, 1, sent + 1, to, 300)], () => {}); // a child that is gone takes nothing
    sent = to;
  };

  child.on('message', (said: Said) => {
    if (said.type === 'open') {
      opened = said.clock.get(KEY) ?? 0;
      sent = opened;
      pour();
      pour();
    } else if (said.reply.type === 'applied') {
      acked = Math.max(acked, said.reply.raised.get(KEY) ?? 0);
      if (++commits === death.commits) dieSoon();
      pour();
    } else throw new Error(`the child said ${said.reply.type}`);
  });
  if (death.commits === 0) dieSoon();
  await ended(child);
  clearTimeout(timer);
  return { opened, acked };
};

describe('a receiver that is killed', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'baton-killed-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it(
    '[P3] [P13] has lost nothing that it acked, and ends equal to its source',
    async () => {
      await withSeed(async (random) => {
        // the first is killed while it makes the database, the others while they store
        await runRound(dataDir, { commits: 0, ms: random.int(300, 1500) }, random);
        let acked = 0;
        for (let round = 1; round <= ROUNDS; round++) {
          const seen = await runRound(dataDir, { commits: random.int(1, 6), ms: random.int(0, 40) }, random);
          expect(seen.opened).toBeGreaterThanOrEqual(acked);
          expect(seen.acked).toBeGreaterThan(acked);
          acked = Math.max(acked, seen.acked);
        }
        const opened = await openPgliteReplica({ timers: realTimers, log: silentLog }, { dataDir, owner: 'the test' });
        if (!opened.ok) throw new Error(opened.error.message);
        const replica = opened.value;
        const held = (await replica.clock()).get(KEY) ?? 0;
        expect(held).toBeGreaterThanOrEqual(acked);
        if (held < ALL) await replica.applyReads(madeFrames(MAT, 1, held + 1, ALL));
        const reads = await readAll(replica, MAT);
        const wrong = reads.find(
          ({ seq, raw }, at) => seq !== at + 1 || textOf(raw) !== textOf(madeRead(MAT, 1, seq).raw),
        );
        expect({ wrong, count: reads.length }).toEqual({ wrong: undefined, count: ALL });
        await replica.close();
      });
    },
    (ROUNDS + 4) * 40_000,
  );
});
