import type { CommandSpec } from '@baton/schema/command';
import type { TokenRole } from '@baton/schema/http';
import { RELAY_OPTIONS } from './relay-options.ts';

/** In the order of help; every role, or this does not compile. */
const ROLES: Readonly<Record<TokenRole, true>> = { operator: true, receiver: true, forwarder: true, viewer: true };

export const tokenCreateCommand: CommandSpec = {
  name: 'token create',
  summary: 'makes a token; prints it, this once',
  options: [
    ...RELAY_OPTIONS,
    { name: 'role', value: 'R', help: Object.keys(ROLES).join(', '), required: true },
    { name: 'event', value: 'ID', help: 'the event it is for', required: true },
    { name: 'node', value: 'ID', help: 'node id of a forwarder or receiver; the relay makes one when absent' },
    { name: 'label', value: 'TEXT', help: 'what people call its holder' },
    { name: 'days', value: 'N', help: 'days until it expires; never when absent' },
  ],
  run: async (options, _args, io) => (await import('./token.ts')).runTokenCreate(options, io),
};

export const tokenListCommand: CommandSpec = {
  name: 'token list',
  summary: 'lists tokens: id, role, event, node, expiry, label; never the secret',
  options: RELAY_OPTIONS,
  run: async (options, _args, io) => (await import('./token.ts')).runTokenList(options, io),
};

export const tokenRevokeCommand: CommandSpec = {
  name: 'token revoke',
  summary: 'ends a token and its open connections',
  options: RELAY_OPTIONS,
  args: [{ name: 'tokenId', help: 'id as listed, not the secret', required: true }],
  run: async (options, [tokenId = '']) => (await import('./token.ts')).runTokenRevoke(options, tokenId),
};
