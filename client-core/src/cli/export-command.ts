import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

/** `baton export`: the lines of a stream as they were read. */
export const exportCommand: CommandSpec = {
  name: 'export',
  summary: 'the reads of a stream, in order: their lines, or CSV',
  options: [
    ...RELAY_OPTIONS,
    { name: 'stream', value: 'ID', help: 'the stream', required: true },
    { name: 'epoch', value: 'N', help: 'only this epoch' },
    { name: 'format', value: 'F', help: 'txt: the lines as read; csv: with number, times and chip', default: 'txt' },
    { name: 'out', value: 'FILE', help: 'where to; standard output when absent' },
  ],
  run: async (options) => (await import('./export.ts')).runExport(options),
};
