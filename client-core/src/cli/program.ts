import type { CommandSpec, OptionSpec, OptionValues } from '@baton/schema/command';
import { ok, type Result } from '@baton/schema/result';
import { Command, type CommanderError, Option } from 'commander';
import { readConfigFile } from './config-file.ts';

/**
 * The command line as a function: argv and environment in, what to do out. Parsing has no effects, so each
 * wrong spelling is a one-line test; `run-command.ts` turns the outcome into an exit code.
 */
export type CommandLine =
  | {
      readonly type: 'run';
      readonly spec: CommandSpec;
      readonly options: OptionValues;
      readonly args: readonly string[];
    }
  /** `--help`, `--version`: print and end with 0. */
  | { readonly type: 'print'; readonly text: string }
  /** One line that says what was wrong and what was expected. */
  | { readonly type: 'wrong'; readonly line: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a file, or why there is none. */
export type ReadText = (path: string) => Result<string, string>;

/** The outside, as far as it speaks with a command line. */
export interface Surroundings {
  /** Where `BATON_<OPTION>` is looked up when an option was not typed; an empty variable counts as absent. */
  readonly env: Environment;
  readonly readText: ReadText;
}

/** `--admin-token` is also `BATON_ADMIN_TOKEN`. */
export const variableOf = (option: string): string => `BATON_${option.toUpperCase().replaceAll('-', '_')}`;

const NAME = 'baton';
const SUMMARY = 'Race timing from the mat to the screen: relay, forwarders, receivers.';

/** What commander's callbacks leave behind: it prints, complains and acts, where we want one value. */
interface Captured {
  text: string;
  line: CommandLine | undefined;
}

/** Leaves commander, which would otherwise end the process; the outcome is captured by then. */
class Ended extends Error {}

const pathOf = (command: Command): string => {
  const above = command.parent === null ? '' : `${pathOf(command.parent)} `;
  return `${above}${command.name()}`;
};

const subcommandNames = (command: Command): string => command.commands.map((it) => it.name()).join(', ');

/** What would have been right, for each way commander finds to complain. */
const expectationOf = (command: Command, code: string): string => {
  const help = `'${pathOf(command)} --help' lists`;
  if (code === 'commander.unknownCommand' || code === 'commander.help')
    return `expected one of ${subcommandNames(command)}`;
  if (code === 'commander.unknownOption') return `${help} the options`;
  return `${help} what is expected`;
};

const complaintOf = (error: CommanderError): string => {
  if (error.code === 'commander.help') return 'a command is missing';
  return error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
};

const toOutcome = (command: Command, error: CommanderError, printed: string): CommandLine =>
  error.exitCode === 0
    ? { type: 'print', text: printed }
    : { type: 'wrong', line: `${pathOf(command)}: ${complaintOf(error)}; ${expectationOf(command, error.code)}` };

const newCommand = (command: Command, captured: Captured): Command =>
  command
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => {
        captured.text += text;
      },
      writeErr: () => {},
      outputError: () => {},
    })
    .exitOverride((error) => {
      captured.line = toOutcome(command, error, captured.text);
      throw new Ended();
    });

const optionHelp = (option: OptionSpec): string => {
  const notes = [
    ...(option.required === true ? ['required'] : []),
    ...(option.repeat === true ? ['repeatable'] : []),
    ...(option.default === undefined ? [] : [`default: ${option.default}`]),
    `env: ${variableOf(option.name)}`,
  ];
  return `${option.help} (${notes.join(', ')})`;
};

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

const toOption = (spec: OptionSpec): Option => {
  const flags = spec.value === undefined ? `--${spec.name}` : `--${spec.name} <${spec.value}>`;
  const option = new Option(flags, optionHelp(spec));
  return spec.repeat === true ? option.argParser(collect) : option;
};

const fromEnvironment = (spec: OptionSpec, env: Environment): string | readonly string[] | undefined => {
  const value = env[variableOf(spec.name)]?.trim();
  if (value === undefined || value === '') return undefined;
  return spec.repeat === true ? value.split(/\s+/) : value;
};

const missing = (command: Command, option: OptionSpec): string =>
  `${pathOf(command)}: --${option.name} <${option.value ?? 'value'}> is required (or ${variableOf(option.name)}): ${option.help}`;

const typedValue = (command: Command, option: OptionSpec): OptionValues[string] =>
  command.opts<Record<string, OptionValues[string]>>()[toOption(option).attributeName()];

/** What the file says that an option names; nothing when none does. */
const fromFile = (
  options: readonly OptionSpec[],
  command: Command,
  { env, readText }: Surroundings,
): Result<OptionValues, string> => {
  const naming = options.find((it) => it.holdsOptions === true);
  const path = naming === undefined ? undefined : (typedValue(command, naming) ?? fromEnvironment(naming, env));
  const others = options.filter((it) => it !== naming);
  return typeof path === 'string' ? readConfigFile(path, readText, others) : ok({});
};

/** The command line wins over the environment, the environment over the file, the file over the default. */
const toRun = (spec: CommandSpec, command: Command, around: Surroundings): CommandLine => {
  const file = fromFile(spec.options, command, around);
  if (!file.ok) return { type: 'wrong', line: `${pathOf(command)}: ${file.error}` };
  const options: Record<string, OptionValues[string]> = {};
  for (const option of spec.options) {
    const given = typedValue(command, option) ?? fromEnvironment(option, around.env) ?? file.value[option.name];
    const value = given ?? option.default;
    if (value === undefined && option.required === true) return { type: 'wrong', line: missing(command, option) };
    if (value !== undefined) options[option.name] = value;
  }
  return { type: 'run', spec, options, args: [...command.args] };
};

/** Finds or makes the group of a command of several words: `token` for `token create`. */
const groupFor = (program: Command, words: readonly string[], captured: Captured): Command => {
  let group = program;
  for (const word of words) {
    const known = group.commands.find((it) => it.name() === word);
    group = known ?? newCommand(group.command(word), captured);
  }
  return group;
};

const addCommand = (program: Command, spec: CommandSpec, around: Surroundings, captured: Captured): void => {
  const words = spec.name.split(' ');
  const command = groupFor(program, words, captured).description(spec.summary);
  for (const option of spec.options) command.addOption(toOption(option));
  for (const arg of spec.args ?? []) {
    command.argument(arg.required === true ? `<${arg.name}>` : `[${arg.name}]`, arg.help);
  }
  command.action(() => {
    captured.line = toRun(spec, command, around);
  });
};

const describeGroups = (program: Command): void => {
  for (const group of program.commands) {
    if (group.description() === '') group.description(subcommandNames(group));
  }
};

/**
 * Reads a command line.
 *
 * @param specs the commands, in the order in which help lists them
 * @param argv what was typed after `baton`
 * @param around where options are looked up that were not typed
 */
export const readCommandLine = (
  specs: readonly CommandSpec[],
  argv: readonly string[],
  around: Surroundings,
  version: string,
): CommandLine => {
  const captured: Captured = { text: '', line: undefined };
  const program = newCommand(new Command(NAME), captured).description(SUMMARY);
  program.version(version, '--version', 'print the version');
  for (const spec of specs) addCommand(program, spec, around, captured);
  describeGroups(program);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
  return captured.line ?? { type: 'wrong', line: `${NAME}: expected one of ${subcommandNames(program)}` };
};
