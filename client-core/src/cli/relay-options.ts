import type { OptionSpec } from '@baton/schema/command';

/** Options of every command that works against a running relay. */
export const RELAY_OPTIONS: readonly OptionSpec[] = [
  { name: 'relay', value: 'URL', help: 'address of the relay, like http://host:8787', required: true },
  { name: 'token', value: 'T', help: 'token that allows it', required: true },
];
