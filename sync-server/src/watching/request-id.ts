import type { IncomingMessage } from 'node:http';
import type { Ids } from '@baton/schema/ports';

/** Of a proxy that numbers its requests: hexadecimal, as nginx and Caddy do; nobody's words reach the log by it. */
const GIVEN = /^[0-9a-f-]{16,36}$/i;

/** The id of a request: the one that a proxy gave it, else a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, 'headers'>, ids: Ids): string => {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && GIVEN.test(given) ? given.toLowerCase() : ids.uuid();
};
