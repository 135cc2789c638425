import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './config.ts';

/** Subcommands of `baton` that this package brings. The relay itself is loaded when it is run, not for help or a node's command. */
export const relayCommands: readonly CommandSpec[] = [
  {
    name: 'relay',
    summary: 'run the relay and serve its pages',
    options: RELAY_OPTIONS,
    run: async (options, _args, io) => (await import('./cli/run-relay.ts')).runRelay(options, io),
  },
];
