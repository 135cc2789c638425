import type { CommandSpec } from '@baton/schema/command';
import { RELAY_OPTIONS } from './relay-options.ts';

/** `baton receive`: a durable replica of what is selected, served to local programs. */
export const receiveCommand: CommandSpec = {
  name: 'receive',
  summary: 'a durable replica of the selected reads, served to scoring software, with or without a network',
  options: [
    ...RELAY_OPTIONS,
    { name: 'race', value: 'ID', help: 'select the epochs mapped to this race' },
    { name: 'scope', value: 'S', help: 'of --race: all its epochs (the default), or only those that are current' },
    { name: 'stream', value: 'ID', help: 'select this stream; may be given several times', repeat: true },
    { name: 'data-dir', value: 'DIR', help: 'directory of the replica; one receiver each', default: './receiver' },
    {
      name: 'tcp',
      value: 'STREAM=PORT',
      help: 'serve a stream, or race:ID for all of a race, on 127.0.0.1, exact lines with CRLF; a client gets all that is held, with ,from=now only what comes after it connected, with ,from=N all from the Nth line on; may be given several times',
      repeat: true,
    },
    {
      name: 'file',
      value: 'STREAM=FILE',
      help: 'keep a file at the reads of a stream, or race:ID: .csv in the form of the export, .dbf as IPICO software writes it; may be given several times',
      repeat: true,
    },
    {
      name: 'control',
      value: 'HOST:PORT',
      help: 'serve the control API on this loopback address; port 0 for any free one',
    },
    {
      name: 'sql',
      help: 'take SQL statements from standard input, each ended by a semicolon, and print what they find',
    },
  ],
  run: async (options, _args, io) => (await import('./receive.ts')).runReceive(options, io),
};
