import type { Log, LogFields } from '@baton/schema/ports';

/** Written in place of a secret. */
const HIDDEN = '[secret]';

/** 32 random bytes in base64url, by themselves: every token that a relay makes, and nothing else that it logs. */
const TOKEN = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/** Shorter ones might be words of the log itself. */
const SHORTEST_CHOSEN = 8;

/**
 * The last line of defence: no part of the relay logs a secret, and what some name, path or cause might bring along is
 * taken out here.
 *
 * @param chosen secrets that people chose, of any shape
 */
export const hideSecrets = (log: Log, chosen: readonly string[]): Log => {
  const long = chosen.filter((it) => it.length >= SHORTEST_CHOSEN);

  const clean = (text: string): string =>
    long.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text).replace(TOKEN, HIDDEN);

  const cleanFields = (fields: LogFields): LogFields =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
    );

  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields = {}) =>
      log[level](clean(message), cleanFields(fields));

  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
