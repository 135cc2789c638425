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
      help: 'serve a stream on 127.0.0.1, exact lines with CRLF; with ,from=now a client gets only what comes after it connected; may be given several times',
      repeat: true,
    },
    {
      name: 'control',
      value: 'HOST:PORT',
      help: 'serve the control API on this loopback address; port 0 for any free one',
    },
  ],
  run: async (options, _args, io) => (await import('./receive.ts')).runReceive(options, io),
};
