import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { CommandSpec } from '@baton/schema/command';
import { err as failed, ok, type Result } from '@baton/schema/result';
import { describeDefect, EXIT, runCommand } from './run-command.ts';

/** After a signal a command has this long to end cleanly; then the process says so and goes. */
export const STOP_WITHIN_MS = 5_000;

/** Read beside the package, so that the number is written down once. */
const readVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
};

/**
 * Resolves at the first SIGTERM or SIGINT. Later ones change nothing: a terminal and a parent often send
 * the same signal twice, and the watchdog of the first bounds the wait anyway.
 */
const stopSignal = (withinMs: number, onOverdue: () => void): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      setTimeout(onOverdue, withinMs).unref();
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });

/** A reader that went away (`baton export … | head`) is no failure: what is left is not written. */
const tolerateClosedPipe = (stream: NodeJS.WriteStream): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
};

/** A file with options has some lines; whatever is longer was meant for something else. */
const LONGEST_TEXT = 1 << 20;

const readText = (path: string): Result<string, string> => {
  try {
    if (statSync(path).size > LONGEST_TEXT) return failed(`it has more than ${LONGEST_TEXT} bytes`);
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
};

/** Resolves when what was written has left the process, or can no longer. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });

const writeLine =
  (stream: NodeJS.WriteStream) =>
  (line: string): void => {
    if (stream.writable) stream.write(line.endsWith('\n') ? line : `${line}\n`);
  };

/** Lines of standard input; the prompt is shown to a person only. */
async function* inputLines(prompt: () => string): AsyncGenerator<string> {
  const { stdin, stdout } = process;
  const isTyped = stdin.isTTY && stdout.isTTY;
  const reader = createInterface(isTyped ? { input: stdin, output: stdout, historySize: 200 } : { input: stdin });
  const ask = (): void => {
    if (!isTyped) return;
    reader.setPrompt(prompt());
    reader.prompt();
  };
  // a terminal sends it here and not to the process
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  ask();
  try {
    for await (const line of reader) {
      yield line;
      ask();
    }
  } finally {
    reader.close();
  }
}

const exit = async (code: number): Promise<never> => {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
};

/**
 * The command line's root: reads argv, the environment and signals, runs the command, ends the process.
 *
 * @param specs commands of all packages that this program is made of
 */
export const runCli = async (specs: readonly CommandSpec[], stopWithinMs = STOP_WITHIN_MS): Promise<void> => {
  const err = writeLine(process.stderr);
  const defect = (error: unknown): void => {
    err(`baton: ${describeDefect(error, process.env['BATON_LOG_LEVEL'] === 'debug')}`);
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', defect);
  process.on('unhandledRejection', defect);
  tolerateClosedPipe(process.stdout);
  tolerateClosedPipe(process.stderr);
  const code = await runCommand(specs, {
    argv: process.argv.slice(2),
    env: process.env,
    readText,
    version: readVersion(),
    print: (text) => process.stdout.write(text),
    out: writeLine(process.stdout),
    err,
    lines: inputLines,
    stopped: stopSignal(stopWithinMs, () => {
      err(`baton: did not end within ${stopWithinMs / 1_000} s of the signal; ended by force`);
      process.exit(EXIT.failed);
    }),
  });
  await exit(code);
};
