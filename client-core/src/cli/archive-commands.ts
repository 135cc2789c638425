import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

const EVENT = { name: 'event', help: 'the event’s id', required: true } as const;

/** `baton event export`: an event as one portable file. */
export const eventExportCommand: CommandSpec = {
  name: 'event export',
  summary: 'writes all of an event, without tokens, into one file; prints its hash',
  options: RELAY_OPTIONS,
  args: [EVENT, { name: 'file', help: 'the file to make; it must not be there', required: true }],
  run: async (options, [event = '', file = ''], io) =>
    (await import('./archive.ts')).runEventExport(options, event, file, io),
};

/** `baton event import`: what export or archive wrote. */
export const eventImportCommand: CommandSpec = {
  name: 'event import',
  summary: 'brings a file of event export, or of archive, into a relay',
  options: RELAY_OPTIONS,
  args: [{ name: 'file', help: 'the file', required: true }],
  run: async (options, [file = ''], io) => (await import('./archive.ts')).runEventImport(options, file, io),
};

/** `baton archive`: reads out of the relay, once the file is whole and on disk. */
export const archiveCommand: CommandSpec = {
  name: 'archive',
  summary: 'moves the reads of an official event’s sealed epochs into a file, and drops them at the relay',
  options: [...RELAY_OPTIONS, { name: 'keep', help: 'write the file alone; drop nothing' }],
  args: [EVENT, { name: 'file', help: 'the file to make; it must not be there', required: true }],
  run: async (options, [event = '', file = ''], io) =>
    (await import('./archive.ts')).runArchive(options, event, file, io),
};
