import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

/** `baton roster import`: a list of participants or of chips, all of it or nothing. */
export const rosterImportCommand: CommandSpec = {
  name: 'roster import',
  summary: 'imports a list of participants or chips; prints how many lines it has',
  options: [
    ...RELAY_OPTIONS,
    { name: 'event', value: 'ID', help: 'the event', required: true },
    { name: 'race', value: 'ID', help: 'race of the lines that name none' },
    { name: 'kind', value: 'K', help: 'participants or chips; as the file looks when absent' },
    { name: 'format', value: 'F', help: 'ppl, bibchip or csv; as the file looks when absent' },
    { name: 'mode', value: 'M', help: 'merge, or replace: takes away who is not in the list', default: 'merge' },
  ],
  args: [{ name: 'file', help: 'the list', required: true }],
  run: async (options, [file = ''], io) => (await import('./roster.ts')).runRosterImport(options, file, io),
};
