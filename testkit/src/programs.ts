import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BATON = fileURLToPath(new URL('../../bin/baton', import.meta.url));
const KEPT_LINES = 2_000;
const START_MS = 90_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A `baton …` that was started; what it says is kept, bounded. */
export interface Program {
  readonly pid: number;
  /** Lines of stdout so far. */
  readonly stdout: () => readonly string[];
  /** The last lines of stderr. */
  readonly stderr: () => readonly string[];
  /** Resolves with the first line of stdout that matches; rejects with what stderr said when the program ends first. */
  readonly line: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly exited: Promise<Exit>;
  /** Sends a signal to this one process, by its id; resolves when it is gone. */
  readonly end: (signal: NodeJS.Signals) => Promise<Exit>;
}

/** Keeps the last lines only, so that a chatty program cannot fill the memory of a test. */
const keepLast = (lines: string[], line: string): void => {
  lines.push(line);
  if (lines.length > KEPT_LINES) lines.shift();
};

const environment = (extra: Readonly<Record<string, string>>): Record<string, string> => {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith('BATON_') && !name.startsWith('VITEST')) own[name] = value;
  }
  return { ...own, ...extra };
};

const awaitExit = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

/**
 * Starts `baton` with these arguments, as a user would.
 *
 * @param options.env variables besides the inherited ones; `BATON_*` are never inherited
 * @param options.baton another `baton` than the repository's
 */
export const startProgram = (
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly baton?: string;
  } = {},
): Program => {
  const child = spawn(process.execPath, [options.baton ?? BATON, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(options.env ?? {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start baton ${args.join(' ')}`);
  const stdout: string[] = [];
  const stderr: string[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    keepLast(stdout, line);
    for (const listener of listeners) listener();
  });
  createInterface({ input: child.stderr }).on('line', (line) => keepLast(stderr, line));
  const exited = awaitExit(child);

  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        done();
        reject(new Error(`baton ${args[0]} ${why} before saying ${pattern}; stderr: ${stderr.slice(-20).join('\n')}`));
      };
      const timer = setTimeout(() => fail(`waited ${START_MS} ms`), START_MS);
      const done = (): void => {
        clearTimeout(timer);
        listeners.delete(look);
      };
      const look = (): void => {
        const match = stdout.map((text) => pattern.exec(text)).find((it) => it !== null);
        if (match == null) return;
        done();
        resolve(match);
      };
      listeners.add(look);
      exited.then(({ code, signal }) => fail(`ended with ${code ?? signal}`), reject);
      look();
    });

  const end = async (signal: NodeJS.Signals): Promise<Exit> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
    return exited;
  };
  return { pid, stdout: () => stdout, stderr: () => stderr, line, exited, end };
};

/** Runs `baton` to its end. */
export const runProgram = async (
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Exit & { readonly stdout: readonly string[]; readonly stderr: readonly string[] }> => {
  const program = startProgram(args, options);
  const exit = await program.exited;
  return { ...exit, stdout: program.stdout(), stderr: program.stderr() };
};
