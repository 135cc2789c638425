import type { Setup } from '@baton/schema/doc';
import { StreamId } from '@baton/schema/ids';

/** A stream by the label that people gave it, else by its id. */
export const streamName = (setup: Setup, streamId: string): string => {
  const id = StreamId.safeParse(streamId).data;
  return (id === undefined ? undefined : setup.streamLabels.get(id)) ?? streamId;
};
