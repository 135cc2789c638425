import type { EventId, NodeId } from '@baton/schema/ids';
import { exhaustive } from '@baton/schema/result';
import type { AttachmentRecord } from './records.ts';
import type { Change, ChangeRefused, NodeChange, NodeKey } from './store.ts';

/**
 * The rule of attachments on a table in memory: what the memory store decides by, and how the registry follows
 * what a store has committed. The SQLite driver has the same rule in its unique index and its statements; the
 * store contract keeps the two equal.
 */
export type AttachmentTable = Map<NodeId, ReadonlyMap<EventId, AttachmentRecord>>;

export const recordIn = (table: AttachmentTable, { nodeId, eventId }: NodeKey): AttachmentRecord | undefined =>
  table.get(nodeId)?.get(eventId);

export const recordsIn = (table: AttachmentTable): readonly AttachmentRecord[] =>
  [...table.values()].flatMap((ofNode) => [...ofNode.values()]);

export const putRecord = (table: AttachmentTable, record: AttachmentRecord): void => {
  table.set(record.nodeId, new Map(table.get(record.nodeId)).set(record.eventId, record));
};

export const removeRecordsOf = (table: AttachmentTable, eventId: EventId): void => {
  for (const [nodeId, ofNode] of table) {
    if (!ofNode.has(eventId)) continue;
    const left = new Map(ofNode);
    left.delete(eventId);
    if (left.size === 0) table.delete(nodeId);
    else table.set(nodeId, left);
  }
};

const REVOKED: ChangeRefused = { type: 'refused', reason: 'node-revoked' };
const ELSEWHERE: ChangeRefused = { type: 'refused', reason: 'node-active-elsewhere' };

const hasPlaceElsewhere = (table: AttachmentTable, { nodeId, eventId }: NodeKey): boolean =>
  [...(table.get(nodeId)?.values() ?? [])].some((it) => it.eventId !== eventId && it.standing === 'attached');

const put = (
  table: AttachmentTable,
  { attachment }: Extract<NodeChange, { type: 'attachNode' | 'revokeNode' }>,
  standing: AttachmentRecord['standing'],
): void => {
  const old = recordIn(table, attachment);
  const attachmentId = old?.attachmentId ?? attachment.attachmentId;
  putRecord(table, { ...attachment, attachmentId, standing, attaches: (old?.attaches ?? 0) + 1 });
};

const attach = (table: AttachmentTable, change: Extract<NodeChange, { type: 'attachNode' }>): ChangeRefused | null => {
  if (recordIn(table, change.attachment)?.standing === 'revoked') return REVOKED;
  if (hasPlaceElsewhere(table, change.attachment)) return ELSEWHERE;
  put(table, change, 'attached');
  return null;
};

/** Changes what an attached node's record says; leaves any other alone. */
const update = (table: AttachmentTable, node: NodeKey, fields: Partial<AttachmentRecord>, attaches?: number): void => {
  const old = recordIn(table, node);
  if (old?.standing !== 'attached' || (attaches !== undefined && attaches !== old.attaches)) return;
  putRecord(table, { ...old, ...fields });
};

export const isNodeChange = (change: Change): change is NodeChange =>
  change.type === 'attachNode' ||
  change.type === 'declareNode' ||
  change.type === 'detachNode' ||
  change.type === 'revokeNode';

export const nodeOfChange = (change: NodeChange): NodeKey => ('node' in change ? change.node : change.attachment);

/** Applies one change, or says why it cannot be; then nothing has changed. */
export const applyNodeChange = (table: AttachmentTable, change: NodeChange): ChangeRefused | null => {
  switch (change.type) {
    case 'attachNode':
      return attach(table, change);
    case 'declareNode':
      update(table, change.node, { capabilities: change.capabilities, declared: change.declared });
      return null;
    case 'detachNode':
      update(table, change.node, { standing: 'detached' }, change.attaches);
      return null;
    case 'revokeNode':
      put(table, change, 'revoked');
      return null;
    default:
      return exhaustive(change);
  }
};
