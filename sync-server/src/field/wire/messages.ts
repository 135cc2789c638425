import { Epoch } from '@baton/schema/ids';
import { ClientVersion } from '@baton/schema/protocol';
import { z } from 'zod';
import { FieldErrorMessage } from './error.ts';
import type { MessageSchemas } from './frame.ts';
import { ReadEvent } from './read-event.ts';
import { WireSelection } from './selection.ts';
import { PositionEntry, ReaderIp, StreamRef } from './stream-ref.ts';

/** Readers of one forwarder: a range of addresses at most. */
export const MAX_READERS = 256;
/** Events of one batch that a forwarder sends. */
export const MAX_BATCH_EVENTS = 10_000;
/** Events of one batch that a receiver is sent. */
export const MAX_DELIVERED_EVENTS = 500;

const SessionId = z.string().max(128);
/** Compared with the token's node, not parsed: a foreign one has an answer of its own. */
const DeviceId = z.string().max(256);
/** Older systems do not tell theirs, and count as the lowest. */
const Version = ClientVersion.default('0.0');

/** Both ways. The relay's first one tells the peer its session. */
export const Heartbeat = z.object({ kind: z.literal('heartbeat'), session_id: SessionId, device_id: DeviceId });

/** First message of a forwarder; repeated when it has more readers. */
export const ForwarderHello = z.object({
  kind: z.literal('forwarder_hello'),
  forwarder_id: DeviceId,
  reader_ips: z.array(ReaderIp).min(1).max(MAX_READERS),
  display_name: z.string().max(256).nullish(),
  client_version: Version,
});

export const ForwarderEventBatch = z.object({
  kind: z.literal('forwarder_event_batch'),
  session_id: SessionId,
  batch_id: z.string().max(256),
  events: z.array(ReadEvent).max(MAX_BATCH_EVENTS),
});
export type ForwarderEventBatch = z.infer<typeof ForwarderEventBatch>;

export type ForwarderUp =
  | z.infer<typeof ForwarderHello>
  | z.infer<typeof Heartbeat>
  | z.infer<typeof ForwarderEventBatch>;

export const FORWARDER_UP: MessageSchemas<ForwarderUp> = {
  forwarder_hello: ForwarderHello,
  heartbeat: Heartbeat,
  forwarder_event_batch: ForwarderEventBatch,
};

/** First message of a v1 receiver; a resume entry also subscribes. */
export const ReceiverHello = z.object({
  kind: z.literal('receiver_hello'),
  receiver_id: DeviceId,
  resume: z.array(PositionEntry).max(10_000).default([]),
  client_version: Version,
});

/** v1: adds streams. */
export const ReceiverSubscribe = z.object({
  kind: z.literal('receiver_subscribe'),
  session_id: SessionId,
  streams: z.array(StreamRef).max(1000),
});

/** Everything up to these numbers is durable at the receiver. */
export const ReceiverAck = z.object({
  kind: z.literal('receiver_ack'),
  session_id: SessionId,
  entries: z.array(PositionEntry).max(10_000),
});

export type ReceiverUpV1 =
  | z.infer<typeof ReceiverHello>
  | z.infer<typeof Heartbeat>
  | z.infer<typeof ReceiverSubscribe>
  | z.infer<typeof ReceiverAck>;

export const RECEIVER_UP_V1: MessageSchemas<ReceiverUpV1> = {
  receiver_hello: ReceiverHello,
  heartbeat: Heartbeat,
  receiver_subscribe: ReceiverSubscribe,
  receiver_ack: ReceiverAck,
};

/** First message of a v1.1 receiver. */
export const ReceiverHelloV11 = z.object({
  kind: z.literal('receiver_hello_v11'),
  receiver_id: DeviceId,
  selection: WireSelection,
  client_version: Version,
});

/** v1.1: replaces the whole selection. */
export const ReceiverSetSelection = z.object({ kind: z.literal('receiver_set_selection'), selection: WireSelection });

export type ReceiverUpV11 =
  | z.infer<typeof ReceiverHelloV11>
  | z.infer<typeof Heartbeat>
  | z.infer<typeof ReceiverSetSelection>
  | z.infer<typeof ReceiverAck>;

export const RECEIVER_UP_V11: MessageSchemas<ReceiverUpV11> = {
  receiver_hello_v11: ReceiverHelloV11,
  heartbeat: Heartbeat,
  receiver_set_selection: ReceiverSetSelection,
  receiver_ack: ReceiverAck,
};

/** After the batch is durable; for each of its (stream, epoch) pairs how far all of it is. */
export const ForwarderAck = z.object({
  kind: z.literal('forwarder_ack'),
  session_id: SessionId,
  entries: z.array(PositionEntry),
});

/** Open this epoch; repeated after each hello until a read of it, or of a later one, has come. */
export const EpochResetCommand = z.object({
  kind: z.literal('epoch_reset_command'),
  session_id: SessionId,
  forwarder_id: DeviceId,
  reader_ip: ReaderIp,
  new_stream_epoch: Epoch,
});

export const ReceiverEventBatch = z.object({
  kind: z.literal('receiver_event_batch'),
  session_id: SessionId,
  events: z.array(ReadEvent).max(MAX_DELIVERED_EVENTS),
});

/** v1.1: what holds now; after the hello, each `receiver_set_selection`, and each change of targets or warnings. */
export const ReceiverSelectionApplied = z.object({
  kind: z.literal('receiver_selection_applied'),
  selection: WireSelection,
  resolved_target_count: z.int().min(0),
  warnings: z.array(z.string()),
});

/** Everything the relay says on these routes. */
export const FieldDown = z.discriminatedUnion('kind', [
  Heartbeat,
  ForwarderAck,
  EpochResetCommand,
  ReceiverEventBatch,
  ReceiverSelectionApplied,
  FieldErrorMessage,
]);
export type FieldDown = z.infer<typeof FieldDown>;
