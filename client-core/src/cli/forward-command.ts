import type { CommandSpec } from '@baton/schema/command';

/** `baton forward`: reads of one or more readers to the relay, through a journal. */
export const forwardCommand: CommandSpec = {
  name: 'forward',
  summary: 'reads from chip readers to the relay, through a journal that survives power loss and lost networks',
  options: [
    { name: 'relay', value: 'URL', help: 'address of the relay, like http://host:8787', required: true },
    { name: 'token', value: 'T', help: 'forwarder token; it names the event and this node', required: true },
    {
      name: 'reader',
      value: 'NAME=HOST:PORT',
      help: 'a chip reader and the name of its stream; may be given several times',
      repeat: true,
    },
    { name: 'journal', value: 'DIR', help: 'directory of the journal; one forwarder each', default: './journal' },
    { name: 'retention-days', value: 'N', help: 'days that reads stay in the journal after the ack', default: '7' },
  ],
  run: async (options, _args, io) => (await import('./forward.ts')).runForward(options, io),
};
