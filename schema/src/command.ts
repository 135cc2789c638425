import type { LinkBody } from './protocol/relay-status.ts';

/**
 * A subcommand of `baton` as data: packages describe theirs, the command line's root
 * builds the parser from it. So `--help`, `BATON_<OPTION>` and exit codes are the same everywhere.
 */
export interface OptionSpec {
  /** Long flag without dashes; `--admin-token` is also `BATON_ADMIN_TOKEN`. */
  readonly name: string;
  /** Shown in help as `--name <value>`; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  readonly required?: boolean;
  /** May be given several times; the variable's value is split at spaces. */
  readonly repeat?: boolean;
  /** Names a JSON file with values for the command's other options. */
  readonly holdsOptions?: boolean;
}

/** For programs that are kept running: their options in a file. What is typed or in a variable wins. */
export const CONFIG_FILE: OptionSpec = {
  name: 'config',
  value: 'FILE',
  help: 'values of these options as JSON, under their names without dashes; what is typed or in a variable wins',
  holdsOptions: true,
};

/** What the parser found: one string, several, or true for a switch. Turned into typed values by the command. */
export type OptionValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** What a command sees of the process. */
export interface CommandIo {
  /** Results: stdout, a line at a time. */
  readonly out: (line: string) => void;
  /** Lines typed or piped in, until the end of standard input; a terminal is shown the prompt before each. */
  readonly lines?: (prompt: () => string) => AsyncIterable<string>;
  /** Structured log lines: stderr. */
  readonly err: (line: string) => void;
  /** Resolves at SIGTERM or SIGINT; a long-running command then ends cleanly. */
  readonly stopped: Promise<void>;
}

/** A wrong option, value or argument: exit code 2 and one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not do its work (port in use, unwritable directory): exit code 1 and one line. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

export interface CommandSpec {
  /** Words as typed: `relay`, `token create`. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** Positional arguments, in order. */
  readonly args?: readonly { readonly name: string; readonly help: string; readonly required?: boolean }[];
  /** Resolves when the work is done or `io.stopped` fired; `UsageError` and `CommandFailure` are expected, others are defects. */
  readonly run: (options: OptionValues, args: readonly string[], io: CommandIo) => Promise<void>;
}

/** A relay as its clients reach it. */
export interface RelayAddress {
  readonly url: string;
  readonly token: string;
}

/** What keeps a relay in step with another one, as long as it is open. */
export interface VenueLink {
  /** How it does, from memory. */
  readonly sight: () => LinkBody;
  readonly close: () => Promise<void>;
}

/**
 * Opens a link between the relay that runs here and another one. A node's package brings it and the relay's package uses it; the
 * command line, which knows both, hands it over.
 */
export type OpenVenueLink = (options: {
  readonly here: RelayAddress;
  readonly there: RelayAddress;
  /** Where it may keep a small file. */
  readonly dataDir: string;
  readonly err: (line: string) => void;
}) => Promise<VenueLink>;

const badValue = (name: string, text: string, expected: string): UsageError =>
  new UsageError(`--${name}: expected ${expected}, got ${JSON.stringify(text.slice(0, 80))}`);

export const text = (options: OptionValues, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

export const requiredText = (options: OptionValues, name: string): string => {
  const value = text(options, name);
  if (value === undefined || value === '') throw new UsageError(`--${name}: a value is required`);
  return value;
};

export const list = (options: OptionValues, name: string): readonly string[] => {
  const value = options[name];
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? [value] : [];
};

export const flag = (options: OptionValues, name: string): boolean => {
  const value = options[name];
  if (value === undefined || value === false) return false;
  if (value === true || value === 'true' || value === '1' || value === '') return true;
  if (value === 'false' || value === '0') return false;
  throw badValue(name, String(value), 'true or false');
};

/** A whole number in [minimum, maximum]. */
export const integer = (options: OptionValues, name: string, minimum: number, maximum: number): number | undefined => {
  const value = text(options, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= minimum && number <= maximum))
    throw badValue(name, value, `a whole number from ${minimum} to ${maximum}`);
  return number;
};

/** A positive number, fractions allowed. */
export const positive = (options: OptionValues, name: string): number | undefined => {
  const value = text(options, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,9}(?:\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN;
  if (!(number > 0)) throw badValue(name, value, 'a number above 0');
  return number;
};

export const oneOf = <T extends string>(options: OptionValues, name: string, allowed: readonly T[]): T | undefined => {
  const value = text(options, name);
  if (value === undefined) return undefined;
  const found = allowed.find((it) => it === value);
  if (found === undefined) throw badValue(name, value, allowed.join(' or '));
  return found;
};

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, `[v6]:PORT`; port 0 means any free one. */
export const hostPort = (name: string, value: string): HostPort => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]{1,253})):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3] ?? Number.NaN);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || !(port <= 65_535)) throw badValue(name, value, 'HOST:PORT');
  return { host, port };
};
