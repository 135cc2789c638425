import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EventId, NodeId } from '@baton/schema/ids';
import type { Log } from '@baton/schema/ports';
import { z } from 'zod';
import type { OwnIdentity } from '../http/own-identity.ts';
import { createKeptFile } from './kept-file.ts';

/** Who this receiver is, as its token says. */
export type ReceiverIdentity = OwnIdentity;

const Kept = z.object({
  eventId: EventId,
  nodeId: NodeId,
  label: z.string().nullable(),
  /** SHA-256 of the token that said so; another token is asked about anew. */
  tokenHash: z.string(),
});

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export interface IdentityStore {
  /** Known from an earlier start with this token. */
  readonly known: ReceiverIdentity | null;
  /** Event that the data directory belongs to, whatever the token. */
  readonly eventId: EventId | null;
  readonly keep: (identity: ReceiverIdentity) => Promise<void>;
}

/** `<dataDir>/identity.json`: with it a receiver starts where there is no relay. */
export const openIdentityStore = async (dataDir: string, token: string, log: Log): Promise<IdentityStore> => {
  const file = createKeptFile(join(dataDir, 'identity.json'), Kept, log);
  const kept = await file.read();
  const tokenHash = hashOf(token);
  return {
    known: kept?.tokenHash === tokenHash ? kept : null,
    eventId: kept?.eventId ?? null,
    keep: (identity) => file.write({ ...identity, tokenHash }),
  };
};
