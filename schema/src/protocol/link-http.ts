import { z } from 'zod';
import { Epoch, NodeId, StreamId } from '../ids.ts';
import { ReaderName } from './up.ts';

/** What a link between relays asks over HTTP beside what everybody may. */

/** Streams that another relay has, to be known here too before their reads come. */
export const AnnounceStreams = z.strictObject({
  streams: z.array(z.strictObject({ forwarderId: NodeId, reader: ReaderName })).max(1000),
});
export type AnnounceStreams = z.input<typeof AnnounceStreams>;

export const AnnouncedStreams = z.object({
  streams: z.array(z.object({ forwarderId: NodeId, reader: z.string(), streamId: StreamId })),
});

/** The stream's current epoch, which is the one asked for or a later one. */
export const OpenedEpoch = z.object({ streamId: StreamId, epoch: Epoch });
