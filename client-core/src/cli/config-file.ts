import type { OptionSpec, OptionValues } from '@baton/schema/command';
import { err, ok, type Result } from '@baton/schema/result';
import { type ConfigEntry, type ConfigValue, readConfigJson } from './config-json.ts';

type Given = OptionValues[string];

const isText = (value: ConfigValue): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number';

const isList = (value: ConfigValue): value is Extract<ConfigValue, readonly unknown[]> => Array.isArray(value);

/** The value as the command line would give it; undefined when the option takes no such thing. */
const valueFor = (option: OptionSpec, value: ConfigValue): Given => {
  if (option.value === undefined) return typeof value === 'boolean' ? value : undefined;
  if (isText(value)) return option.repeat === true ? [String(value)] : String(value);
  if (option.repeat === true && isList(value) && value.every(isText)) return value.map(String);
  return undefined;
};

const expectedOf = (option: OptionSpec): string => {
  if (option.value === undefined) return 'true or false';
  return option.repeat === true ? 'a list of texts' : 'a text or a number';
};

/** Names keys and lines, never values: one of them may be a secret. */
const judge = (
  { key, value, line }: ConfigEntry,
  options: readonly OptionSpec[],
  known: OptionValues,
): Result<Given, string> => {
  const option = options.find(({ name }) => name === key);
  if (option === undefined) {
    const shown = JSON.stringify(key.slice(0, 80));
    return err(`line ${line}: unknown key ${shown}; a key is the name of an option without dashes, see --help`);
  }
  if (known[key] !== undefined) return err(`line ${line}: "${key}" stands there twice; leave one out`);
  const given = valueFor(option, value);
  return given === undefined ? err(`line ${line}: "${key}": expected ${expectedOf(option)}`) : ok(given);
};

const judgeAll = (entries: readonly ConfigEntry[], options: readonly OptionSpec[]): Result<OptionValues, string> => {
  const values: Record<string, Given> = {};
  for (const entry of entries) {
    const given = judge(entry, options, values);
    if (!given.ok) return given;
    values[entry.key] = given.value;
  }
  return ok(values);
};

/**
 * Options out of a JSON file whose keys are the options' names. Whatever is not one of them, or has not its kind of value, is
 * refused with its line: a misspelt limit that is passed over is found on race day.
 *
 * @returns the values as if they had been typed; or one line that names the file, the place and what was expected
 */
export const readConfigFile = (
  path: string,
  readText: (path: string) => Result<string, string>,
  options: readonly OptionSpec[],
): Result<OptionValues, string> => {
  const name = `--config ${path}`;
  const text = readText(path);
  if (!text.ok) return err(`${name}: cannot be read: ${text.error}; expected a JSON file with options`);
  const entries = readConfigJson(text.value);
  if (!entries.ok) return err(`${name}: line ${entries.error.line}: expected ${entries.error.expected} (JSON)`);
  const values = judgeAll(entries.value, options);
  return values.ok ? values : err(`${name}: ${values.error}`);
};
