import { z } from 'zod';
import { ErrorEnvelope } from '../errors.ts';
import { Epoch, RaceId, StreamId } from '../ids.ts';
import { ClockJson } from '../reads/clock.ts';
import { Selection } from '../selection/selection.ts';
import { NodeState } from './node.ts';

export const StreamState = z.object({
  streamId: StreamId,
  reader: z.string(),
  /** The stream's current epoch. */
  epoch: Epoch,
  /** Highest seq stored of the current epoch. */
  head: z.int().min(0),
});

/** Answer to `hello`: the attachment and what the peer needs to go on. */
export const Welcome = z.object({
  type: z.literal('welcome'),
  protocol: z.int(),
  sessionId: z.string(),
  attachmentId: z.string().nullable(),
  state: NodeState.nullable(),
  readOnly: z.boolean(),
  serverTime: z.int(),
  timers: z.object({ heartbeatMs: z.int(), degradedMs: z.int(), offlineMs: z.int() }),
  limits: z.object({ maxFrameBytes: z.int(), maxBatchReads: z.int(), maxPushesInFlight: z.int() }),
  /** A forwarder's own streams, in the order of its readers. */
  streams: z.array(StreamState),
  /** Heads of every epoch of the own streams: from where a journal goes on sending. */
  heads: ClockJson,
});

/** Outcomes of pushed batches, in the order of their commit. `head` is durable. */
export const PushOutcome = z.discriminatedUnion('outcome', [
  z.object({ pushId: z.int(), outcome: z.literal('accepted'), head: z.int() }),
  z.object({ pushId: z.int(), outcome: z.literal('duplicate'), head: z.int() }),
  z.object({ pushId: z.int(), outcome: z.literal('gap'), head: z.int(), expected: z.int() }),
  /** Other bytes are stored under `seq`. The relay's next free epoch of the stream is `nextEpoch`. */
  z.object({ pushId: z.int(), outcome: z.literal('conflict'), head: z.int(), seq: z.int(), nextEpoch: Epoch }),
  /** A newer session of this node has taken over. */
  z.object({ pushId: z.int(), outcome: z.literal('fenced') }),
  z.object({ pushId: z.int(), outcome: z.literal('refused'), error: ErrorEnvelope }),
]);
export type PushOutcome = z.infer<typeof PushOutcome>;

export const Pushed = z.object({ type: z.literal('pushed'), entries: z.array(PushOutcome) });

/** Open this epoch; sent again on each attach until `epochOpened` or a read of it (or a later one) has come. */
export const EpochCommand = z.object({ type: z.literal('epochCommand'), streamId: StreamId, epoch: Epoch });

/** SHA-256 over each line and a line feed, in order, in hex. */
export const SealHash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');

export const Target = z.object({
  streamId: StreamId,
  epoch: Epoch,
  head: z.int().min(0),
  sealed: z.boolean(),
  /** Of a sealed epoch, null before; a relay of an earlier version does not tell it. */
  hash: SealHash.nullable().optional(),
});
export type Target = z.infer<typeof Target>;

const WarningBase = { message: z.string() } as const;
export const Warning = z.discriminatedUnion('type', [
  z.object({ type: z.literal('no-current-epoch-mapped'), raceId: RaceId, ...WarningBase }),
  z.object({
    type: z.literal('forwarder-race-differs'),
    streamId: StreamId,
    epoch: Epoch,
    forwarderRaceId: RaceId,
    epochRaceId: RaceId,
    ...WarningBase,
  }),
  z.object({ type: z.literal('unknown-stream'), streamId: StreamId, ...WarningBase }),
  z.object({ type: z.literal('relay-behind'), streamId: StreamId, epoch: Epoch, ...WarningBase }),
]);

/** The selection that now holds and the pairs it means; sent after each `select` and whenever the targets change. */
export const Applied = z.object({
  type: z.literal('applied'),
  selection: Selection,
  targets: z.array(Target),
  warnings: z.array(Warning),
});
export type Applied = z.infer<typeof Applied>;

/** History up to `clock` has been delivered; what follows is live. Sent once per `select`, and again when new targets have been replayed. */
export const CaughtUp = z.object({ type: z.literal('caughtUp'), clock: ClockJson });

/** Heads of the targets, told when they have risen and the peer has no credit to receive the reads themselves; also about streams an operator's page watches. */
export const Heads = z.object({ type: z.literal('heads'), heads: ClockJson });

export const HeartbeatDown = z.object({ type: z.literal('heartbeat'), serverTime: z.int() });

export const ErrorDown = z.object({ type: z.literal('error'), error: ErrorEnvelope });

export const DownMessage = z.discriminatedUnion('type', [
  Welcome,
  Pushed,
  EpochCommand,
  Applied,
  CaughtUp,
  Heads,
  HeartbeatDown,
  ErrorDown,
]);
export type DownMessage = z.infer<typeof DownMessage>;
export type WelcomeMessage = z.infer<typeof Welcome>;
