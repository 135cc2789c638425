import type { CommandSpec, OpenVenueLink, OptionSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './config.ts';

const DATA_DIR: OptionSpec = {
  name: 'data-dir',
  value: 'DIR',
  help: 'the data directory of a relay that is not running',
  required: true,
};

/** What the command line has of other packages. */
export interface RelayCommandParts {
  /** Keeps the relay in step with another one: what a node does, so the nodes' package brings it. */
  readonly openVenueLink: OpenVenueLink;
}

/** Subcommands of `baton` that this package brings. The relay itself is loaded when it is run, not for help or a node's command. */
export const relayCommands = (parts: RelayCommandParts): readonly CommandSpec[] => [
  {
    name: 'relay',
    summary: 'run the relay and serve its pages',
    options: RELAY_OPTIONS,
    run: async (options, _args, io) => (await import('./cli/run-relay.ts')).runRelay(options, io, parts.openVenueLink),
  },
  {
    name: 'restore',
    summary: 'make a data directory out of a backup, after its hash was compared',
    options: [{ ...DATA_DIR, help: 'the data directory to make; it must be empty, or not be there' }],
    args: [{ name: 'dir', help: 'the backup', required: true }],
    run: async (options, [dir = ''], io) => (await import('./cli/keeping.ts')).runRestore(options, dir, io),
  },
  {
    name: 'doctor',
    summary: 'look at every row of a data directory and say what is damaged, changing nothing unless told to',
    options: [
      DATA_DIR,
      {
        name: 'repair',
        help: 'the one safe repair: indexes are made again from whole rows, in a copy that is checked',
      },
    ],
    run: async (options, _args, io) => (await import('./cli/keeping.ts')).runDoctor(options, io),
  },
];
