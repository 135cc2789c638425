import { type OptionSpec, type OptionValues, type RelayAddress, text, UsageError } from '@baton/schema/command';

export const UPSTREAM_OPTIONS: readonly OptionSpec[] = [
  { name: 'upstream', value: 'URL', help: 'a relay elsewhere to keep in step with: this one is at the venue' },
  {
    name: 'upstream-token',
    value: 'TOKEN',
    help: 'token at that relay: an operator’s for its event, the admin’s for all; better given by its variable',
  },
  { name: 'token', value: 'TOKEN', help: 'the same, in short' },
];

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:']);

const isRelayUrl = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return SCHEMES.has(protocol) && `${username}${password}${search}${hash}` === '';
};

/** The relay elsewhere; null: this one stands alone. */
export const upstreamOf = (options: OptionValues): RelayAddress | null => {
  const url = text(options, 'upstream');
  const token = text(options, 'upstream-token') ?? text(options, 'token');
  if (url === undefined) {
    if (text(options, 'upstream-token') === undefined) return null;
    throw new UsageError('--upstream: the address of the relay that --upstream-token is for is required');
  }
  if (!isRelayUrl(url)) {
    throw new UsageError('--upstream: expected an address like https://host, without user, query or fragment');
  }
  if (token === undefined) {
    throw new UsageError('--upstream-token: a token at the relay elsewhere is required, an operator’s or the admin’s');
  }
  return { url, token };
};
