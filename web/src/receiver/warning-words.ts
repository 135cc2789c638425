import type { PullWarning } from '@baton/client-core';
import type { Setup } from '@baton/schema/doc';
import { RaceId, type StreamId } from '@baton/schema/ids';

const raceName = (setup: Setup, raceId: string): string => {
  const id = RaceId.safeParse(raceId).data;
  return `“${(id === undefined ? undefined : setup.races.get(id)?.name) ?? raceId}”`;
};

const streamName = (setup: Setup, streamId: StreamId): string => `“${setup.streamLabels.get(streamId) ?? streamId}”`;

/**
 * A warning in the names that people gave, with what helps. Null for a refused session: the page
 * says that in its own place.
 */
export const warningText = (warning: PullWarning, setup: Setup): string | null => {
  switch (warning.type) {
    case 'no-current-epoch-mapped':
      return `No current epoch is assigned to ${raceName(setup, warning.raceId)}: nothing comes until an operator assigns one. “All epochs” also brings the earlier ones.`;
    case 'forwarder-race-differs':
      return `Epoch ${warning.epoch} of ${streamName(setup, warning.streamId)} is assigned to ${raceName(setup, warning.epochRaceId)}, but its forwarder stands at ${raceName(setup, warning.forwarderRaceId)}. Ask an operator which is right; the reads come either way.`;
    case 'unknown-stream':
      return `The stream ${streamName(setup, warning.streamId)} has not been seen in this event yet.`;
    case 'relay-behind':
      return `The relay has fewer reads of ${streamName(setup, warning.streamId)}, epoch ${warning.epoch}, than it once had: it was restored from an older state, or has archived them. Nothing is lost here.`;
    case 'unknown-race':
      return `The race ${raceName(setup, warning.raceId)} does not exist. Choose another one; the former choice goes on.`;
    case 'mismatch':
    case 'storage-full':
      return warning.message;
    case 'refused':
      return null;
  }
};
