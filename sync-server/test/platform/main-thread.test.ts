import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@baton/schema/ports';
import { startProgram } from '@baton/testkit/programs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { favourThisThread, goBehindStarter, STEPS_AHEAD, type ThreadHost } from '../../src/platform/main-thread.ts';

const hostOf = (given: Partial<ThreadHost>) => {
  const set: number[] = [];
  const told: unknown[] = [];
  const note = (message: string, fields?: object): void => {
    told.push({ message, ...fields });
  };
  const journal: Log = { debug: note, info: note, warn: note, error: note };
  const host: ThreadHost = {
    platform: 'linux',
    cores: 2,
    niceness: () => 0,
    setNiceness: (niceness) => set.push(niceness),
    ...given,
  };
  favourThisThread(journal, host);
  return { set, told };
};

describe('the main thread', () => {
  it('goes before whatever priority the process was started with, as far as there is one', () => {
    expect(hostOf({}).set).toEqual([-8]);
    expect(hostOf({ niceness: () => 10 }).set).toEqual([2]);
    expect(hostOf({ niceness: () => -15 }).set).toEqual([-20]);
  });

  it('stays as it is with one core, and where a priority is the whole process’s', () => {
    expect(hostOf({ cores: 1 }).set).toEqual([]);
    expect(hostOf({ platform: 'darwin' }).set).toEqual([]);
  });

  it('is gone behind by what it starts later, as far as there is a behind', () => {
    const from = (niceness: number): readonly number[] => {
      const set: number[] = [];
      goBehindStarter({ platform: 'linux', cores: 2, niceness: () => niceness, setNiceness: (to) => set.push(to) });
      return set;
    };
    expect([from(-8), from(0), from(15)]).toEqual([[0], [8], [19]]);
  });

  it('that may not have it says so, with what would help, and runs', () => {
    const setNiceness = (): void => {
      throw new Error('EACCES: permission denied');
    };
    expect(hostOf({ setNiceness }).told).toEqual([
      {
        message: expect.stringContaining('no priority'),
        cause: expect.stringContaining('EACCES'),
        cure: expect.stringContaining('-8'),
      },
    ]);
  });
});

/** Niceness of each other thread; proc(5): 17 fields behind the name. */
const nicenessOfOthers = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`)
    .filter((thread) => thread !== String(pid))
    .map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[16]);
    });

const isLinux = process.platform === 'linux';

/** Whether a process of this user may go before others; asked of one that ends at once. */
const isAllowed = (): boolean => {
  const ask = `require('node:os').setPriority(0, ${getPriority(0) - STEPS_AHEAD})`;
  return spawnSync(process.execPath, ['-e', ask], { stdio: 'ignore' }).status === 0;
};

it('[P16] a relay’s main thread goes before all its others where it may, and alone does', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-main-thread-'));
  const relay = startProgram(['relay', '--port', '0', '--data-dir', dataDir]);
  onTestFinished(async () => {
    await relay.end('SIGTERM');
    rmSync(dataDir, { recursive: true });
  });
  await relay.line(/^listening /);
  const usual = getPriority(0);
  const isAhead = isLinux && isAllowed() && availableParallelism() > 1;
  expect(getPriority(relay.pid)).toBe(isAhead ? usual - STEPS_AHEAD : usual);
  const others = isLinux ? nicenessOfOthers(relay.pid) : [usual];
  expect(new Set(others)).toEqual(new Set([usual]));
});
