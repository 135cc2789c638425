import { flag, list, type OptionSpec, type OptionValues, requiredText, text, UsageError } from '@baton/schema/command';

/** Where a relay is reached, and what it says of that at start. */
export interface HostingConfig {
  readonly host: string;
  /** Tells the addresses in this network, with a code to scan. */
  readonly lan: boolean;
  /** The address that people use, without a slash at its end; null: the one it listens on. */
  readonly publicUrl: string | null;
  /** The admin token that is made at first start is not printed: where output is kept, it would be kept with it. */
  readonly hideAdminToken: boolean;
}

const LOOPBACK = '127.0.0.1';
const EVERY_INTERFACE = '0.0.0.0';

export const HOSTING_OPTIONS: readonly OptionSpec[] = [
  { name: 'host', value: 'HOST', help: `address to listen on; without it ${LOOPBACK}, with --lan all of this machine` },
  {
    name: 'lan',
    help: 'for a network without internet: listen on all addresses, print them and a QR code for spectators',
  },
  {
    name: 'public-url',
    value: 'URL',
    help: 'the address that people use, where a proxy stands before the relay, like https://timing.example; printed links have it',
  },
  {
    name: 'hide-admin-token',
    help: 'do not print the admin token that is made at first start, only where it is kept: for services whose output is logged',
  },
];

/** Scheme, host and port of an address that has nothing else, as browsers write it. */
const originOf = (name: string, given: string): string => {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/?#@]+\/?$/i.test(given);
  // not quoted: who puts a password into it has made a mistake, not a log line
  if (!isOrigin) throw new UsageError(`--${name}: expected an address without a path, like https://timing.example`);
  return url.origin;
};

const publicUrlOf = (options: OptionValues): string | null => {
  const given = text(options, 'public-url');
  return given === undefined ? null : originOf('public-url', given);
};

/** Other origins that browsers may come from. */
export const allowedOriginsOf = (options: OptionValues): readonly string[] =>
  list(options, 'allow-origin').map((given) => originOf('allow-origin', given));

const isLoopback = (host: string): boolean => /^(?:127\.[\d.]+|::1|localhost)$/i.test(host);

/** Typed values; throws `UsageError` with what was expected. */
export const hostingConfigOf = (options: OptionValues): HostingConfig => {
  const lan = flag(options, 'lan');
  const host = options['host'] === undefined ? null : requiredText(options, 'host');
  if (lan && host !== null && isLoopback(host))
    throw new UsageError(`--lan: nobody else hears on --host ${host}; leave one of the two out`);
  return {
    host: host ?? (lan ? EVERY_INTERFACE : LOOPBACK),
    lan,
    publicUrl: publicUrlOf(options),
    hideAdminToken: flag(options, 'hide-admin-token'),
  };
};
