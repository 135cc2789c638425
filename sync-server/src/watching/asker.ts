import type { LogFields } from '@baton/schema/ports';
import type { Grant } from '../auth/grant.ts';

/** What the log may say of whoever asks: never a secret. */
export const askerFields = (grant: Grant | null): LogFields =>
  grant === null ? {} : { role: grant.role, nodeId: grant.nodeId ?? undefined, tokenId: grant.tokenId ?? undefined };
