import type { EventId } from '@baton/schema/ids';
import { exhaustive } from '@baton/schema/result';
import Database from 'better-sqlite3';
import type { AttachmentRecord } from '../records.ts';
import type { ChangeRefused, NodeChange } from '../store.ts';

/** Thrown out of a savepoint, so that nothing of the commit stays; answered as its `refused`. */
export class ChangeRefusedError extends Error {
  override readonly name = 'ChangeRefusedError';
  readonly refused: ChangeRefused;

  constructor(reason: ChangeRefused['reason']) {
    super(reason);
    this.refused = { type: 'refused', reason };
  }
}

export interface AttachmentRows {
  /** Throws `ChangeRefusedError`. */
  readonly apply: (change: NodeChange) => void;
  readonly removeOfEvent: (eventId: EventId) => void;
}

type PutChange = Extract<NodeChange, { type: 'attachNode' | 'revokeNode' }>;

const PUT = `INSERT INTO attachments (node_id, event_id, attachment_id, role, label, client_version, capabilities, declared,
    standing, attaches, attached_at)
  VALUES (@nodeId, @eventId, @attachmentId, @role, @label, @clientVersion, @capabilities, @declared, @standing, 1, @attachedAt)
  ON CONFLICT (node_id, event_id) DO UPDATE SET role = excluded.role, label = excluded.label,
    client_version = excluded.client_version, capabilities = excluded.capabilities, declared = excluded.declared,
    standing = excluded.standing, attaches = attaches + 1, attached_at = excluded.attached_at`;

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE';

const fieldsOf = ({ attachment }: PutChange, standing: AttachmentRecord['standing']) => ({
  ...attachment,
  capabilities: JSON.stringify(attachment.capabilities),
  declared: attachment.declared ? 1 : 0,
  standing,
});

export const createAttachmentRows = (db: Database.Database): AttachmentRows => {
  const attach = db.prepare(`${PUT} WHERE standing <> 'revoked'`);
  const revoke = db.prepare(PUT);
  const declare = db.prepare(
    `UPDATE attachments SET capabilities = ?, declared = ? WHERE node_id = ? AND event_id = ? AND standing = 'attached'`,
  );
  const detach = db.prepare(
    `UPDATE attachments SET standing = 'detached'
     WHERE node_id = ? AND event_id = ? AND standing = 'attached' AND attaches = coalesce(?, attaches)`,
  );
  const removeOfEvent = db.prepare('DELETE FROM attachments WHERE event_id = ?');

  const attachNode = (change: PutChange): void => {
    let changes: number;
    try {
      changes = attach.run(fieldsOf(change, 'attached')).changes;
    } catch (error) {
      if (isUniqueViolation(error)) throw new ChangeRefusedError('node-active-elsewhere');
      throw error;
    }
    if (changes === 0) throw new ChangeRefusedError('node-revoked');
  };

  return {
    apply: (change) => {
      switch (change.type) {
        case 'attachNode':
          return attachNode(change);
        case 'declareNode': {
          const { capabilities, declared, node } = change;
          declare.run(JSON.stringify(capabilities), declared ? 1 : 0, node.nodeId, node.eventId);
          return;
        }
        case 'detachNode':
          detach.run(change.node.nodeId, change.node.eventId, change.attaches ?? null);
          return;
        case 'revokeNode':
          revoke.run(fieldsOf(change, 'revoked'));
          return;
        default:
          exhaustive(change);
      }
    },
    removeOfEvent: (eventId) => {
      removeOfEvent.run(eventId);
    },
  };
};
