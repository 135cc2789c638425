import { isWebAddress } from '@baton/schema/doc';
import type { Clock } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { type Dispatcher, type DispatchFailure, dispatchFailed, done } from '../dispatcher.ts';

export interface WebhookOptions {
  /** Signs each call; null: calls are not signed. */
  readonly secret: string | null;
  /** Longest wait for an answer, in ms. 10 s by default. */
  readonly timeoutMs?: number;
}

/** What a `webhook` command asks for: a POST of this body, as JSON. */
export const WebhookPayload = z.object({ url: z.string(), body: z.json() });
export type WebhookPayload = z.infer<typeof WebhookPayload>;

/** Longest body, in bytes of UTF-8. */
export const MAX_WEBHOOK_BYTES = 64 * 1024;

const TIMEOUT_MS = 10_000;

/** Answers after which the same call may succeed later, besides 5xx. */
const PASSING = new Set([408, 425, 429]);

/**
 * `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, the scheme that Stripe made common: who knows the secret can tell that
 * the call is ours, and by `t` that it is not an old one played again.
 */
export const signatureOf = (secret: string, body: string, nowMs: number): string => {
  const t = Math.floor(nowMs / 1000);
  return `t=${t},v1=${bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`${t}.${body}`)))}`;
};

const PLAIN = /^[\u0021-\u007e]+$/;

/** A key as a header can carry it: plain ASCII as it is, any other percent-encoded. */
export const headerKey = (key: string): string =>
  PLAIN.test(key) ? key : encodeURIComponent(key.replaceAll(/\p{Cs}/gu, '\ufffd'));

/** Says why a call failed without its address: paths and queries of webhooks are often secrets. */
const failedCall = (url: URL, what: string, retryable: boolean): Result<never, DispatchFailure> =>
  dispatchFailed(`the webhook at ${url.host} ${what}`, retryable);

const judge = (url: URL, { status, type }: Response): Result<void, DispatchFailure> => {
  if (status >= 200 && status < 300) return done;
  // a browser shows a redirect that is not followed as status 0
  if (type === 'opaqueredirect' || (status >= 300 && status < 400))
    return failedCall(url, 'answered with a redirect, which is not followed; give the final address', false);
  return failedCall(url, `answered ${status}`, status >= 500 || PASSING.has(status));
};

/** What `fetch` itself says is "fetch failed"; the reason is in its cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
};

/**
 * Calls another program. Its receiver may be called twice for the same command, with the same `Idempotency-Key`. Done: 2xx. May
 * be tried again: no answer, 408, 425, 429, 5xx. Anything else is final. Browser-safe, where the receiver allows it (CORS).
 */
export const createWebhook = (deps: { readonly clock: Clock }, options: WebhookOptions): Dispatcher => {
  const { secret, timeoutMs = TIMEOUT_MS } = options;

  const call = async (url: URL, body: string, key: string, signal: AbortSignal): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': headerKey(key),
        ...(secret === null ? {} : { 'baton-signature': signatureOf(secret, body, deps.clock.now()) }),
      },
      body,
    });

  return async ({ key, payload }, signal) => {
    const parsed = WebhookPayload.safeParse(payload);
    if (!parsed.success) return dispatchFailed('a webhook needs {url, body}', false);
    if (!isWebAddress(parsed.data.url))
      return dispatchFailed('a webhook needs an address with http:// or https://, without a password in it', false);
    const url = new URL(parsed.data.url);
    const body = JSON.stringify(parsed.data.body);
    const { length } = utf8ToBytes(body);
    if (length > MAX_WEBHOOK_BYTES)
      return failedCall(url, `is not called: its body has ${length} bytes, at most ${MAX_WEBHOOK_BYTES} go`, false);
    try {
      const response = await call(url, body, key, signal);
      await response.body?.cancel();
      return judge(url, response);
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        return failedCall(url, `gave no answer within ${timeoutMs} ms`, true);
      return failedCall(url, `cannot be reached: ${reasonOf(error)}`, true); // fetch fails only by network or signal
    }
  };
};
