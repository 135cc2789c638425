import { createHash, timingSafeEqual } from 'node:crypto';
import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import type { TokenId } from '@baton/schema/ids';
import type { Clock } from '@baton/schema/ports';
import { BEARER_PREFIX } from '@baton/schema/protocol';
import type { Result } from '@baton/schema/result';
import { err, ok } from '@baton/schema/result';
import type { Registry } from '../registry/registry.ts';
import type { TokenRecord } from '../storage/records.ts';
import type { FailureBudget } from './failure-budget.ts';
import type { Grant } from './grant.ts';

/** Tokens to grants, and what a grant may do. */
export interface Access {
  /**
   * From `Authorization` or a bearer subprotocol; `UNAUTHORIZED` when absent, unknown or expired, `RATE_LIMITED` when
   * too many wrong ones came from `address`, that of the peer.
   */
  readonly authenticate: (secret: string | null, address?: string) => Result<Grant, Refusal>;
  /** Whether a grant given before still stands: not revoked, not expired. */
  readonly holds: (grant: Grant) => boolean;
  /** When the token was last offered; null: not since the relay started. */
  readonly lastUsedAt: (tokenId: TokenId) => number | null;
  /** A new random secret with its hash; the secret is shown once. */
  readonly mint: () => { readonly secret: string; readonly hash: string };
}

/** Longest secret looked at; ours have 43 characters. */
const MAX_SECRET = 512;
const SECRET_BYTES = 32;

/** Headers as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(',');

/** Never a secret of anybody: an attempt that failed is not the same as no attempt. */
const WRONG = '';

const bounded = (secret: string): string => (secret.length <= MAX_SECRET ? secret : WRONG);

const fromAuthorization = (header: string): string => bounded(/^bearer +([^\s,]+)$/i.exec(header.trim())?.[1] ?? WRONG);

const fromSubprotocols = (header: string): string | null => {
  const bearers = header
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it.startsWith(BEARER_PREFIX));
  const [bearer, ...more] = bearers;
  if (bearer === undefined) return null;
  return more.length === 0 ? bounded(bearer.slice(BEARER_PREFIX.length)) : WRONG;
};

/**
 * The secret a request carries in `Authorization: Bearer …`, else in the subprotocol `bearer.…`.
 * Null: none was offered. The empty string, which no secret equals: one was offered that cannot be one.
 */
export const secretFromHeaders = (headers: Headers): string | null => {
  const authorization = one(headers['authorization']);
  if (authorization !== undefined) return fromAuthorization(authorization);
  const protocols = one(headers['sec-websocket-protocol']);
  return protocols === undefined ? null : fromSubprotocols(protocols);
};

/** SHA-256, hex: what is stored of a secret. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('hex');

/** Compares in constant time, whatever the lengths. */
const sameSecret = (hash: string, other: string): boolean => timingSafeEqual(Buffer.from(hash), Buffer.from(other));

const ADMIN: Grant = { role: 'admin', tokenId: null, eventId: null, nodeId: null, label: null, expiresAt: null };

const grantOf = ({ role, tokenId, eventId, nodeId, label, expiresAt }: TokenRecord): Grant => ({
  role,
  tokenId,
  eventId,
  nodeId,
  label,
  expiresAt,
});

/** Whether a grant's time is over. */
export const isExpired = (grant: Pick<Grant, 'expiresAt'>, now: number): boolean =>
  grant.expiresAt !== null && grant.expiresAt <= now;

export interface AccessDeps {
  readonly registry: Pick<Registry, 'tokenByHash' | 'token'>;
  readonly clock: Clock;
  /** The secret given (or made) at start. */
  readonly adminToken: string;
  /** From a cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly failures: FailureBudget;
}

/** Tokens whose last use is remembered, the longest unused forgotten first. */
const MAX_USES = 10_000;

const createUses = () => {
  const uses = new Map<TokenId, number>();
  return {
    last: (tokenId: TokenId): number | null => uses.get(tokenId) ?? null,
    note: (tokenId: TokenId, at: number): void => {
      uses.delete(tokenId);
      uses.set(tokenId, at);
      const [oldest] = uses.keys();
      if (uses.size > MAX_USES && oldest !== undefined) uses.delete(oldest);
    },
  };
};

const REFUSED = err(refusal('UNAUTHORIZED', 'a valid token is required: Authorization: Bearer <token>'));

const tooMany = (retryAfterSeconds: number) =>
  err(
    refusal('RATE_LIMITED', `too many wrong tokens from this address; try again in ${retryAfterSeconds} s`, {
      retryAfterSeconds,
    }),
  );

/**
 * Looks secrets up by their hash, so that neither time nor storage tells anything about them.
 *
 * An address that offered too many wrong ones is told to wait, and the admin token is not even compared: people choose
 * it, so it might be guessed. Tokens made here have 256 random bits, which nobody guesses; they go on working, or one
 * device gone wrong would shut out everybody behind the same router.
 */
export const createAccess = (deps: AccessDeps): Access => {
  if (deps.adminToken === '') throw new Error('the admin token must not be empty');
  const adminHash = hashSecret(deps.adminToken);
  const uses = createUses();

  const knownToken = (hash: string): TokenRecord | undefined => {
    const token = deps.registry.tokenByHash(hash);
    return token === undefined || isExpired(token, deps.clock.now()) ? undefined : token;
  };

  return {
    authenticate: (secret, address) => {
      if (secret === null) return REFUSED;
      const hash = hashSecret(secret);
      const token = secret === '' ? undefined : knownToken(hash);
      if (token !== undefined) {
        uses.note(token.tokenId, deps.clock.now());
        return ok(grantOf(token));
      }
      const wait = address === undefined ? 0 : deps.failures.waitSeconds(address);
      if (wait > 0) return tooMany(wait);
      if (sameSecret(hash, adminHash)) return ok(ADMIN);
      if (address !== undefined) deps.failures.spend(address);
      return REFUSED;
    },
    holds: ({ tokenId, expiresAt }) =>
      !isExpired({ expiresAt }, deps.clock.now()) && (tokenId === null || deps.registry.token(tokenId) !== undefined),
    lastUsedAt: uses.last,
    mint: () => {
      const secret = Buffer.from(deps.randomBytes(SECRET_BYTES)).toString('base64url');
      return { secret, hash: hashSecret(secret) };
    },
  };
};
