import type { CommandSpec } from '@baton/schema/command';
import { DEMO_RACE } from '../emulator/race-spec.ts';

/** `baton emulate`: an IPICO reader on TCP. */
export const emulateCommand: CommandSpec = {
  name: 'emulate',
  summary: 'an IPICO reader on TCP that replays recorded lines, or those of a made race',
  options: [
    { name: 'reads', value: 'FILE', help: 'recorded lines; each is sent as it is, with CRLF' },
    { name: 'host', value: 'HOST', help: 'address to listen on', default: '127.0.0.1' },
    { name: 'port', value: 'PORT', help: 'port to listen on, 0 for any free one', default: '10000' },
    { name: 'rate', value: 'N', help: 'lines a second' },
    { name: 'speed', value: 'X', help: 'as recorded, X times as fast (1 when neither is given)' },
    { name: 'loop', help: 'begin again after the last line' },
    { name: 'race', value: 'NAME', help: 'lines of a made, endless race instead of a recording: demo' },
    { name: 'stream', value: 'NAME', help: 'which reader of that race' },
    { name: 'seed', value: 'N', help: 'another race of the same kind' },
    { name: 'start-at', value: 'TIME', help: `reader-local start of that race, like ${DEMO_RACE.startAt}` },
  ],
  run: async (options, _args, io) => (await import('./emulate.ts')).runEmulate(options, io),
};
