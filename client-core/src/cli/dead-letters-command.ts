import type { CommandSpec, OptionSpec } from '@baton/schema/command';
import { WATCH_DIRECTORY, WEBHOOK_SECRET } from './watch-command.ts';

const MANAGER: OptionSpec = { name: 'manager', value: 'NAME', help: 'only those of this process manager' };
const ALL: OptionSpec = { name: 'all', help: 'all of them, instead of one by its key' };
const KEY = { name: 'key', help: 'key of the command, as listed' };

/** `baton dead-letters list`: commands that could not be run. Works while the watch runs. */
export const deadLettersListCommand: CommandSpec = {
  name: 'dead-letters list',
  summary: 'commands of a watch that could not be run: manager, key, type, tries, when, why',
  options: [WATCH_DIRECTORY, MANAGER],
  run: async (options, _args, io) => (await import('./dead-letters.ts')).runDeadLettersList(options, io),
};

/** `baton dead-letters retry`: by the watch where one runs, else by itself. */
export const deadLettersRetryCommand: CommandSpec = {
  name: 'dead-letters retry',
  summary: 'runs commands once more; what ran is no dead letter any more',
  options: [
    WATCH_DIRECTORY,
    MANAGER,
    ALL,
    { name: 'relay', value: 'URL', help: 'address of the relay, for alarms where no watch runs' },
    { name: 'token', value: 'T', help: 'an operator’s token, for alarms where no watch runs' },
    WEBHOOK_SECRET,
  ],
  args: [KEY],
  run: async (options, [key], io) => (await import('./dead-letters.ts')).runDeadLettersRetry(options, key, io),
};

/** `baton dead-letters drop`: for good. */
export const deadLettersDropCommand: CommandSpec = {
  name: 'dead-letters drop',
  summary: 'throws commands away that could not be run',
  options: [WATCH_DIRECTORY, MANAGER, ALL],
  args: [KEY],
  run: async (options, [key], io) => (await import('./dead-letters.ts')).runDeadLettersDrop(options, key, io),
};
