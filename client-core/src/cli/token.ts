import {
  type CommandIo,
  integer,
  type OptionValues,
  oneOf,
  requiredText,
  text,
  UsageError,
} from '@baton/schema/command';
import { CreatedToken, TokenList, TokenRole } from '@baton/schema/http';
import { z } from 'zod';
import { orFail, pathPart, relayApi } from './relay-access.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3650;

/** Makes a token; prints its secret. */
export const runTokenCreate = async (options: OptionValues, io: CommandIo): Promise<void> => {
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
};

const day = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString());

/** Prints the tokens, a line each. */
export const runTokenList = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const { tokens } = orFail(await relayApi(options).call('GET', '/tokens', TokenList));
  for (const it of tokens) {
    const columns = [it.tokenId, it.role, it.eventId ?? '-', it.nodeId ?? '-', day(it.expiresAt), it.label ?? ''];
    io.out(columns.join('\t'));
  }
};

/** Ends a token. */
export const runTokenRevoke = async (options: OptionValues, tokenId: string): Promise<void> => {
  orFail(await relayApi(options).call('DELETE', `/tokens/${pathPart(tokenId)}`, z.null()));
};
