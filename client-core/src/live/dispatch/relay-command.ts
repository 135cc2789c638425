import { z } from 'zod';
import { describeApiError } from '../../http/describe-error.ts';
import type { ApiError, RelayApi } from '../../http/relay-api.ts';
import { type Dispatcher, dispatchFailed, done } from '../dispatcher.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a relay command asks for: a change under `/api/v1`, such as `POST /races/…/streams/…/epochs/activate-next`. */
export const RelayCommandPayload = z.object({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().max(2000),
  body: z.json().optional(),
});
export type RelayCommandPayload = z.infer<typeof RelayCommandPayload>;

const PATH = /^(?:\/[\w.~%-]+)+$/;

/** Under the API and nowhere else: `..` and its spellings would leave it. */
const isPath = (path: string): boolean =>
  PATH.test(path) && new URL(`http://relay/api${path}`).pathname === `/api${path}`;

const PASSING = new Set([408, 425, 429]);

const mayPass = (error: ApiError): boolean => {
  if (error.type !== 'refused') return true; // no answer, or one of somebody before the relay
  return error.status >= 500 || PASSING.has(error.status);
};

/**
 * Commands of the relay's HTTP API, with the token of `api`. The relay knows no idempotency keys: choose commands that may
 * come twice (a mapping), or bear that they do (an epoch more).
 */
export const createRelayCommand =
  (api: RelayApi): Dispatcher =>
  async ({ payload }, signal) => {
    const parsed = RelayCommandPayload.safeParse(payload);
    if (!parsed.success || !isPath(parsed.data.path))
      return dispatchFailed('a relay command needs {method, path, body?} with a path like /races/…', false);
    const { method, path, body } = parsed.data;
    const answer = await unlessAborted(api.call(method, path, z.unknown(), body), signal);
    if (answer === null) return dispatchFailed(`${method} ${path}: given up, the process ends`, true);
    return answer.ok
      ? done
      : dispatchFailed(`${method} ${path}: ${describeApiError(answer.error)}`, mayPass(answer.error));
  };
