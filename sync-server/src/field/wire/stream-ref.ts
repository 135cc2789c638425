import { Epoch, NodeId, type StreamId, streamIdOf } from '@baton/schema/ids';
import type { Pair } from '@baton/schema/reads';
import { z } from 'zod';
import type { Registry } from '../../registry/registry.ts';

/** `IP:port`, or any name of a reader: kept and answered as it was spelled. */
export const ReaderIp = z.string().min(1).max(128);

/** A stream as systems in the field name it. */
export const StreamRef = z.object({ forwarder_id: NodeId, reader_ip: ReaderIp });
export type StreamRef = z.infer<typeof StreamRef>;

/** How far somebody holds one epoch of a stream. */
export const PositionEntry = StreamRef.extend({ stream_epoch: Epoch, last_seq: z.int().min(0) });
export type PositionEntry = z.infer<typeof PositionEntry>;

export const streamIdOfRef = (ref: StreamRef): StreamId => streamIdOf(ref.forwarder_id, ref.reader_ip);

export const pairOfEntry = (entry: PositionEntry): Pair => ({
  streamId: streamIdOfRef(entry),
  epoch: entry.stream_epoch,
});

/** The name of a stream on the wire; undefined when the relay does not know it. */
export const refOfStream = (registry: Pick<Registry, 'stream'>, streamId: StreamId): StreamRef | undefined => {
  const row = registry.stream(streamId);
  return row === undefined ? undefined : { forwarder_id: row.forwarderId, reader_ip: row.reader };
};
