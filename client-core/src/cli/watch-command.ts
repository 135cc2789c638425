import type { CommandSpec, OptionSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

export const WATCH_DIRECTORY: OptionSpec = {
  name: 'data-dir',
  value: 'DIR',
  help: 'directory of checkpoints and dead letters; one watch each',
  default: './watch',
};

export const WEBHOOK_SECRET: OptionSpec = {
  name: 'webhook-secret',
  value: 'S',
  help: 'signs webhooks (header Baton-Signature); better given by its variable than on a command line that others see',
};

/** `baton watch`: the alarms and webhooks that operators switched on. */
export const watchCommand: CommandSpec = {
  name: 'watch',
  summary: 'raises alarms and calls webhooks, as operators switch them on on their page',
  options: [
    ...RELAY_OPTIONS,
    { name: 'event', value: 'ID', help: 'the event; an operator’s token names it' },
    WATCH_DIRECTORY,
    WEBHOOK_SECRET,
  ],
  run: async (options, _args, io) => (await import('./watch.ts')).runWatch(options, io),
};
