import { type DocName, parseDocName } from '@baton/schema/doc';
import type { ErrorCode } from '@baton/schema/errors';
import { CLOSE } from '@baton/schema/protocol';
import { isExpired } from '../auth/access.ts';
import type { Grant } from '../auth/grant.ts';
import { type Decision, decideDoc } from '../auth/policy.ts';
import type { Attachments } from '../nodes/attachments.ts';
import type { Registry } from '../registry/registry.ts';

/** A connection to `/docs/<name>`. */
export interface DocJoin {
  /** What follows `/docs/` in the request's path, as it came. */
  readonly name: string;
  readonly grant: Grant;
  /** It offered the subprotocol `baton.v1`: it is told what is on disk. */
  readonly confirmsSaves: boolean;
  /** It said that it brings what others wrote. */
  readonly isLink: boolean;
}

/** Whether a connection may use a document, as its close code says. Nothing has been allocated for it yet. */
export type Admission =
  | { readonly type: 'admitted'; readonly canWrite: boolean }
  | { readonly type: 'refused'; readonly close: number; readonly code: ErrorCode; readonly reason: string };

const UNKNOWN: Admission = {
  type: 'refused',
  close: CLOSE.unknown,
  code: 'NOT_FOUND',
  reason: 'there is no such document',
};
const FORBIDDEN: Admission = {
  type: 'refused',
  close: CLOSE.forbidden,
  code: 'FORBIDDEN',
  reason: 'this token does not allow that document',
};
const UNAUTHORIZED: Admission = {
  type: 'refused',
  close: CLOSE.unauthorized,
  code: 'UNAUTHORIZED',
  reason: 'the token has expired or was revoked',
};

const REFUSED: Readonly<Record<Exclude<Decision, 'allowed'>, Admission>> = {
  hidden: UNKNOWN,
  forbidden: FORBIDDEN,
  unauthorized: UNAUTHORIZED,
};

const REVOKED: Admission = {
  type: 'refused',
  close: CLOSE.forbidden,
  code: 'NODE_REVOKED',
  reason: 'the node was revoked for good',
};

type Records = Pick<Registry, 'event' | 'token' | 'tokens'>;

export interface AdmissionDeps {
  readonly registry: Records;
  readonly attachments: Pick<Attachments, 'isRevoked'>;
}

const isRevokedNode = ({ nodeId, eventId }: Grant, attachments: AdmissionDeps['attachments']): boolean =>
  nodeId !== null && eventId !== null && attachments.isRevoked({ nodeId, eventId });

/** A receiver exists when a token names it: nobody makes documents by guessing names. */
const exists = (name: DocName, registry: Records): boolean =>
  name.type !== 'receiver' ||
  registry.tokens().some((token) => token.nodeId === name.nodeId && token.eventId === name.eventId);

/** Decided when a connection comes, and again when its document has been loaded. */
export const admit = (
  { name, grant }: Pick<DocJoin, 'name' | 'grant'>,
  { registry, attachments }: AdmissionDeps,
  now: number,
): Admission => {
  const revoked = grant.tokenId !== null && registry.token(grant.tokenId) === undefined;
  if (revoked || isExpired(grant, now)) return UNAUTHORIZED;
  if (isRevokedNode(grant, attachments)) return REVOKED;
  const parsed = parseDocName(name);
  if (parsed === null) return UNKNOWN;
  const { read, write } = decideDoc(grant, parsed, registry.event(parsed.eventId));
  if (read !== 'allowed') return REFUSED[read];
  return exists(parsed, registry) ? { type: 'admitted', canWrite: write === 'allowed' } : UNKNOWN;
};
