import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

/** `baton backup`: everything a running relay has. */
export const backupCommand: CommandSpec = {
  name: 'backup',
  summary: 'copy everything of a running relay, as it is at one moment, into a new directory',
  options: RELAY_OPTIONS,
  args: [{ name: 'dir', help: 'where to; it must be empty, or not be there', required: true }],
  run: async (options, [dir = ''], io) => (await import('./backup.ts')).runBackup(options, dir, io),
};
