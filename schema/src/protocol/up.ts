import { z } from 'zod';
import { Epoch, StreamId } from '../ids.ts';
import { ClockJson } from '../reads/clock.ts';
import { Selection } from '../selection/selection.ts';
import { AttachFields, Capabilities, ClaimedHealth } from './node.ts';

/** A reader of a forwarder, as its hello and its heartbeats describe it. */
export const ReaderName = z.string().min(1).max(128);

/**
 * First message of a session. With `nodeId` it is an attachment of that node; a page that only
 * looks (an operator's or viewer's token) leaves `nodeId` out.
 */
export const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.int().min(1).max(1_000_000),
  eventId: AttachFields.eventId,
  nodeId: AttachFields.nodeId.optional(),
  clientVersion: AttachFields.clientVersion,
  capabilities: AttachFields.capabilities.default({}),
  health: AttachFields.health.default('online'),
  label: z.string().max(128).optional(),
  /** A forwarder's readers; each becomes the stream `<nodeId>.<reader>`. */
  readers: z.array(ReaderName).max(64).default([]),
});

/** What to deliver: replaces the former selection as a whole. Without `clock` the relay starts from the receiver's cursors. */
export const Select = z.object({
  type: z.literal('select'),
  selection: Selection,
  clock: ClockJson.optional(),
});

/** Grants the relay `reads` more reads to send. It sends while credit is above 0; the last batch may overdraw by less than one batch. */
export const Credit = z.object({ type: z.literal('credit'), reads: z.int().min(1).max(10_000_000) });

/** Everything up to `seq` is durable at the receiver; raises the relay's cursors. */
export const Ack = z.object({
  type: z.literal('ack'),
  entries: z.array(z.object({ streamId: StreamId, epoch: Epoch, seq: z.int().min(0) })).max(10_000),
});

/** The forwarder's journal has opened this epoch; it answers `epochCommand`, and tells of an epoch opened by itself. */
export const EpochOpened = z.object({
  type: z.literal('epochOpened'),
  streamId: StreamId,
  epoch: Epoch,
  /** Highest seq that the journal holds of each earlier epoch, so that it can be sealed. */
  ended: z
    .array(z.object({ epoch: Epoch, seq: z.int().min(0) }))
    .max(1000)
    .default([]),
});

/** State of one reader at its forwarder. */
export const ReaderStatus = z.object({
  reader: ReaderName,
  connected: z.boolean(),
  lastLineAt: z.int().min(0).nullable(),
  linesPerSecond: z.number().min(0),
  unparsable: z.int().min(0),
  /** Highest seq journalled in the current epoch: backlog = this − the relay's head. */
  journalHead: z.int().min(0),
  /** Reader's clock minus forwarder's clock in ms at the last line; null when unknown. */
  clockOffsetMs: z.number().nullable(),
});
export type ReaderStatus = z.infer<typeof ReaderStatus>;

export const HeartbeatUp = z.object({
  type: z.literal('heartbeat'),
  health: ClaimedHealth.optional(),
  readers: z.array(ReaderStatus).max(64).optional(),
  /** The node's wall clock, for the relay's skew estimate only. */
  sentAt: z.int().min(0).optional(),
});

export const CapabilitiesUp = z.object({ type: z.literal('capabilities'), capabilities: Capabilities });

export const Detach = z.object({ type: z.literal('detach'), reason: z.string().max(512).optional() });

export const UpMessage = z.discriminatedUnion('type', [
  Hello,
  Select,
  Credit,
  Ack,
  EpochOpened,
  HeartbeatUp,
  CapabilitiesUp,
  Detach,
]);
export type UpMessage = z.infer<typeof UpMessage>;
export type HelloMessage = z.infer<typeof Hello>;

/** JSON as it goes out: defaults may be left to the reader's side. */
export type UpMessageInput = z.input<typeof UpMessage>;
