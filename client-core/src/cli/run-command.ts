import { CommandFailure, type CommandIo, type CommandSpec, UsageError } from '@baton/schema/command';
import { readCommandLine, type Surroundings } from './program.ts';

/** How a command ended, for the shell. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The process as far as a command line needs it. */
export interface CommandHost extends CommandIo, Surroundings {
  /** What was typed after `baton`. */
  readonly argv: readonly string[];
  readonly version: string;
  /** Writes text to stdout as it is: help, version. */
  readonly print: (text: string) => void;
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').trim();

/** The cause and nothing else: the stack is for who asked for it. */
export const describeDefect = (error: unknown, debug: boolean): string => {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = `unexpected error: ${oneLine(message)} (a defect; BATON_LOG_LEVEL=debug shows the stack)`;
  return debug && error instanceof Error && error.stack !== undefined ? `${line}\n${error.stack}` : line;
};

const isDebug = (host: CommandHost): boolean => host.env['BATON_LOG_LEVEL'] === 'debug';

/**
 * Runs what was typed and tells the exit code: 0 done, 1 could not, 2 typed wrongly. Each failure is one
 * line on stderr; it never throws.
 */
export const runCommand = async (specs: readonly CommandSpec[], host: CommandHost): Promise<number> => {
  const line = readCommandLine(specs, host.argv, host, host.version);
  if (line.type === 'print') {
    host.print(line.text);
    return EXIT.ok;
  }
  if (line.type === 'wrong') {
    host.err(line.line);
    return EXIT.usage;
  }
  const name = `baton ${line.spec.name}`;
  try {
    await line.spec.run(line.options, line.args, host);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      host.err(`${name}: ${oneLine(error.message)}`);
      return EXIT.usage;
    }
    const text = error instanceof CommandFailure ? oneLine(error.message) : describeDefect(error, isDebug(host));
    host.err(`${name}: ${text}`);
    return EXIT.failed;
  }
};
