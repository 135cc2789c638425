import type { StreamBody } from '@baton/schema/http';
import { EventId, NodeId, StreamId } from '@baton/schema/ids';

/** A stream as the relay lists it, of the forwarder before the dot. */
export const aStream = (id: string, more: Partial<StreamBody> = {}): StreamBody => {
  const [forwarder = '', reader = ''] = id.split('.');
  return {
    streamId: StreamId.parse(id),
    eventId: EventId.parse('e'),
    forwarderId: NodeId.parse(forwarder),
    reader,
    label: null,
    pointId: null,
    epoch: 1,
    epochName: null,
    health: 'online',
    readerConnected: true,
    head: 0,
    lastReadAt: null,
    createdAt: 1,
    counters: { accepted: 0, duplicates: 0, conflicts: 0, unparsable: 0 },
    ...more,
  };
};
