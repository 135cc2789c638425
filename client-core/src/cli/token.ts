import { type CommandSpec, integer, oneOf, requiredText, text, UsageError } from '@baton/schema/command';
import { CreatedToken, TokenList, TokenRole } from '@baton/schema/http';
import { z } from 'zod';
import { orFail, pathPart, RELAY_OPTIONS, relayApi } from './relay-options.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3650;

export const tokenCreateCommand: CommandSpec = {
  name: 'token create',
  summary: 'makes a token; prints it, this once',
  options: [
    ...RELAY_OPTIONS,
    { name: 'role', value: 'R', help: TokenRole.options.join(', '), required: true },
    { name: 'event', value: 'ID', help: 'the event it is for', required: true },
    { name: 'node', value: 'ID', help: 'node id of a forwarder or receiver; the relay makes one when absent' },
    { name: 'label', value: 'TEXT', help: 'what people call its holder' },
    { name: 'days', value: 'N', help: 'days until it expires; never when absent' },
  ],
  run: async (options, _args, io) => {
    const role = oneOf(options, 'role', TokenRole.options);
    if (role === undefined) throw new UsageError('--role: a value is required');
    const days = integer(options, 'days', 1, MAX_DAYS);
    const created = orFail(
      await relayApi(options).call('POST', '/tokens', CreatedToken, {
        role,
        eventId: requiredText(options, 'event'),
        nodeId: text(options, 'node') ?? null,
        label: text(options, 'label') ?? null,
        expiresAt: days === undefined ? null : Date.now() + days * DAY_MS,
      }),
    );
    io.out(created.token);
  },
};

const day = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString());

export const tokenListCommand: CommandSpec = {
  name: 'token list',
  summary: 'lists tokens: id, role, event, node, expiry, label; never the secret',
  options: RELAY_OPTIONS,
  run: async (options, _args, io) => {
    const { tokens } = orFail(await relayApi(options).call('GET', '/tokens', TokenList));
    for (const it of tokens) {
      const columns = [it.tokenId, it.role, it.eventId ?? '-', it.nodeId ?? '-', day(it.expiresAt), it.label ?? ''];
      io.out(columns.join('\t'));
    }
  },
};

export const tokenRevokeCommand: CommandSpec = {
  name: 'token revoke',
  summary: 'ends a token and its open connections',
  options: RELAY_OPTIONS,
  args: [{ name: 'tokenId', help: 'id as listed, not the secret', required: true }],
  run: async (options, [tokenId = '']) => {
    orFail(await relayApi(options).call('DELETE', `/tokens/${pathPart(tokenId)}`, z.null()));
  },
};
