import type { StreamId } from '@baton/schema/ids';
import { OpenedEpoch } from '@baton/schema/protocol';
import { describeApiError } from '../http/describe-error.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { type BySide, otherSide, type Side } from './link-state.ts';

/** Commands of one relay on their way to the other, where the forwarder is. */
export interface CommandPassing {
  /** Takes the newest command of a stream, and passes it on. */
  readonly take: (from: Side, streamId: StreamId, epoch: number) => Promise<void>;
  /** Tries again what could not be passed on. */
  readonly retry: () => Promise<void>;
}

/** @param confirm tells a relay that its command is the other's from now on, which keeps it until the forwarder has followed it */
export const createCommandPassing = (
  apis: BySide<RelayApi>,
  confirm: (at: Side, streamId: StreamId, epoch: number) => void,
  warn: (message: string, cause: string) => void,
): CommandPassing => {
  const waiting = new Map<StreamId, { readonly from: Side; readonly epoch: number }>();

  const pass = async (streamId: StreamId): Promise<void> => {
    const command = waiting.get(streamId);
    if (command === undefined) return;
    const { from, epoch } = command;
    const path = `/streams/${encodeURIComponent(streamId)}/epochs/${epoch}/open`;
    const opened = await apis[otherSide(from)].call('POST', path, OpenedEpoch);
    if (!opened.ok) return warn('a command could not be passed on; it is tried again', describeApiError(opened.error));
    if (waiting.get(streamId) === command) waiting.delete(streamId);
    confirm(from, streamId, opened.value.epoch);
  };

  return {
    take: (from, streamId, epoch) => {
      waiting.set(streamId, { from, epoch });
      return pass(streamId);
    },
    retry: async () => {
      for (const streamId of [...waiting.keys()]) await pass(streamId);
    },
  };
};
