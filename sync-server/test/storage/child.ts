import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../testkit/dist/append-forever.js', import.meta.url));

/** `testkit/src/append-forever.ts` as a process of its own. */
export interface Appending {
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, said or to come, that matches; rejects when the process ends without one. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** Resolves once it said `count` lines that match, or has ended. */
  readonly said: (pattern: RegExp, count: number) => Promise<void>;
  readonly kill: () => void;
  readonly exited: Promise<number | null>;
}

const watch = (child: ChildProcess): Appending => {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  let ended = false;
  if (child.stdout === null) throw new Error('the child has no stdout');
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      ended = true;
      wake();
      resolve(code);
    });
  });

  const until = (isThere: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isThere() && !ended) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });

  return {
    lines,
    line: async (pattern) => {
      await until(() => lines.some((line) => pattern.test(line)));
      const found = lines.find((line) => pattern.test(line));
      if (found === undefined)
        throw new Error(`the child ended without ${pattern}; it said: ${lines.slice(-5).join(' | ')}`);
      return found;
    },
    said: (pattern, count) => {
      let seen = 0;
      let matching = 0;
      return until(() => {
        for (; seen < lines.length; seen++) if (pattern.test(lines[seen] ?? '')) matching += 1;
        return matching >= count;
      });
    },
    kill: () => child.kill('SIGKILL'),
    exited,
  };
};

/** @param limits shell commands run before the program, such as `ulimit -f 100` */
export const startAppending = (dataDir: string, seed: number, limits = ''): Appending => {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not built: run npm run build`);
  const command = `${limits === '' ? '' : `${limits} && `}exec "$0" "$@"`;
  const args = ['-c', command, process.execPath, PROGRAM, dataDir, String(seed)];
  return watch(spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'inherit'] }));
};
