import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from '@baton/testkit/programs';
import { afterAll, afterEach, onTestFinished } from 'vitest';

/** What one story started: ended and wiped when the test is over, in any case. */
export interface Stage {
  /** All of it; where programs are started. */
  readonly root: string;
  /** A fresh folder. */
  readonly folder: (name: string) => string;
  /** In the story's own folder, or in `cwd`. */
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string) => Program;
  /** Registers something else to end; the newest goes first. */
  readonly onEnd: (end: () => Promise<void> | void) => void;
}

interface OpenStage {
  readonly stage: Stage;
  /** When a test failed, the last words of every program are printed. */
  readonly report: (test: { readonly result?: { readonly state: string } | undefined }) => void;
  readonly end: () => Promise<void>;
}

const openStage = (batonIn?: string): OpenStage => {
  const root = mkdtempSync(join(tmpdir(), 'baton-e2e-'));
  const other = batonIn === undefined ? {} : { baton: join(root, batonIn) };
  const programs: { readonly name: string; readonly program: Program }[] = [];
  const ends: (() => Promise<void> | void)[] = [];
  const report: OpenStage['report'] = ({ result }) => {
    if (result?.state !== 'fail') return;
    for (const { name, program } of programs) {
      process.stderr.write(`--- ${name} said last:\n${program.stderr().slice(-15).join('\n')}\n`);
    }
  };
  const end = async (): Promise<void> => {
    for (const it of ends.reverse()) await it();
    await Promise.all(programs.map(({ program }) => program.end('SIGKILL')));
    rmSync(root, { recursive: true, force: true });
  };
  const stage: Stage = {
    root,
    folder: (name) => mkdtempSync(join(root, `${name}-`)),
    start: (args, env = {}, cwd = root) => {
      const program = startProgram(args, { env, cwd, ...other });
      programs.push({ name: `baton ${args.slice(0, 2).join(' ')}`, program });
      return program;
    },
    onEnd: (it) => {
      ends.push(it);
    },
  };
  return { stage, report, end };
};

/**
 * Call it inside a test.
 *
 * @param batonIn where in the stage's folder the `baton` is that it starts; without it the repository's
 */
export const createStage = (batonIn?: string): Stage => {
  const { stage, report, end } = openStage(batonIn);
  onTestFinished(async ({ task }) => {
    await end();
    report(task);
  });
  return stage;
};

/** For what the tests of a file share; call it outside of tests. */
export const createSharedStage = (): Stage => {
  const { stage, report, end } = openStage();
  afterEach(({ task }) => report(task));
  afterAll(end);
  return stage;
};
