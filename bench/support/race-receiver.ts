import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { type DownMessage, decodeReads, type ReadsFrame } from '@baton/schema/protocol';
import type { Selection } from '@baton/schema/selection';
import { textOf } from '@baton/testkit/api';
import type { StageAccess } from './stage.ts';
import { openSyncPeer, type SyncPeer } from './sync-peer.ts';

/** More than any benchmark sends: credit never holds a receiver back. */
const CREDIT = 10_000_000;

export const addRace = async (stage: StageAccess, name: string): Promise<RaceId> =>
  RaceId.parse(textOf(await stage.api.must('POST', `/events/${stage.eventId}/races`, { name }), 'raceId'));

export const allOf = (raceId: RaceId): Selection => ({ mode: 'race', raceId, epochScope: 'all' });

export const putMapping = (
  stage: StageAccess,
  streamId: StreamId,
  epoch: number,
  raceId: RaceId | null,
): Promise<unknown> => stage.api.must('PUT', `/streams/${streamId}/epochs/${epoch}/race`, { raceId });

export const openForwarder = async (
  stage: StageAccess,
  nodeId: string,
): Promise<{ peer: SyncPeer; streamId: StreamId }> => {
  const hello = { eventId: EventId.parse(stage.eventId), nodeId: NodeId.parse(nodeId), readers: ['mat'] };
  const peer = await openSyncPeer(stage.url, await stage.token('forwarder', nodeId), hello);
  return { peer, streamId: StreamId.parse(`${nodeId}.mat`) };
};

export const openReceiver = async (stage: StageAccess, nodeId: string): Promise<SyncPeer> => {
  const peer = await openSyncPeer(stage.url, await stage.token('receiver', nodeId), {
    eventId: stage.eventId,
    nodeId,
    readers: [],
  });
  peer.send({ type: 'credit', reads: CREDIT });
  return peer;
};

/** The next message of a type; nothing else may listen to the peer's messages meanwhile. */
export const nextMessage = <T extends DownMessage['type']>(
  peer: SyncPeer,
  type: T,
): Promise<Extract<DownMessage, { type: T }>> =>
  new Promise((resolve, reject) => {
    peer.onMessage((message) => {
      if (message.type === type) resolve(message as Extract<DownMessage, { type: T }>);
      else if (message.type === 'error') reject(new Error(message.error.message));
    });
  });

export const readsOf = (frame: Uint8Array): ReadsFrame => {
  const decoded = decodeReads(frame);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
};
