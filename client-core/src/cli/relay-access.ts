import { CommandFailure, type OptionValues, requiredText, UsageError } from '@baton/schema/command';
import type { Result } from '@baton/schema/result';
import { socketUrl } from '../connection/relay-url.ts';
import { describeApiError } from '../http/describe-error.ts';
import { type ApiError, createRelayApi, type RelayApi } from '../http/relay-api.ts';

export interface RelayAccess {
  readonly relay: string;
  readonly token: string;
}

export const relayAccess = (options: OptionValues): RelayAccess => {
  const relay = requiredText(options, 'relay');
  const url = socketUrl(relay, '/sync');
  if (!url.ok) throw new UsageError(`--relay: ${url.error.message}`);
  return { relay, token: requiredText(options, 'token') };
};

export const relayApi = (options: OptionValues): RelayApi => createRelayApi(relayAccess(options));

/** Why a request came to nothing, and what helps. */
export const failureOf = (error: ApiError): CommandFailure => {
  const cure = error.type === 'unreachable' ? '; check that it runs there, the network, and --relay' : '';
  return new CommandFailure(`${describeApiError(error)}${cure}`);
};

/** The value, or the command ends with one line that says why not. */
export const orFail = <T>(result: Result<T, ApiError>): T => {
  if (!result.ok) throw failureOf(result.error);
  return result.value;
};

/** A value as an id in a path; ids need no escaping, what is none must not climb. */
export const pathPart = (text: string): string => encodeURIComponent(text);
