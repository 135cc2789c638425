import { type EventId, isEventId, isNodeId, type NodeId } from '../ids.ts';

/** A document by what it is; the name is how `/docs/<name>` calls it. */
export type DocName =
  | { readonly type: 'setup'; readonly eventId: EventId }
  | { readonly type: 'roster'; readonly eventId: EventId }
  | { readonly type: 'receiver'; readonly eventId: EventId; readonly nodeId: NodeId };

export const setupDocName = (eventId: EventId): string => `events/${eventId}/setup`;

export const rosterDocName = (eventId: EventId): string => `events/${eventId}/roster`;

export const receiverDocName = (eventId: EventId, nodeId: NodeId): string => `events/${eventId}/receivers/${nodeId}`;

/** The document a name means, or null: no room, file or permission is looked at for any other name. */
export const parseDocName = (name: string): DocName | null => {
  const [events, event, kind, node, ...more] = name.split('/', 6);
  if (events !== 'events' || !isEventId(event) || more.length > 0) return null;
  if (node === undefined) return kind === 'setup' || kind === 'roster' ? { type: kind, eventId: event } : null;
  return kind === 'receivers' && isNodeId(node) ? { type: 'receiver', eventId: event, nodeId: node } : null;
};
