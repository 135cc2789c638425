import { type Refusal, refusal } from '@baton/schema/errors';
import type { StreamId } from '@baton/schema/ids';
import { MAX_BATCH_BYTES, MAX_BATCH_READS, type Pair, type Read } from '@baton/schema/reads';
import { exhaustive } from '@baton/schema/result';
import type { StreamRecord } from '../storage/records.ts';
import type { AppendReply } from '../storage/store.ts';
import { type ReadEvent, readOfEvent } from './wire/read-event.ts';
import type { PositionEntry, StreamRef } from './wire/stream-ref.ts';

/** Consecutive reads of one epoch: one append. */
export interface Run extends Pair {
  /** As the peer spells it. */
  readonly reader: string;
  readonly firstSeq: number;
  readonly reads: readonly Read[];
}

interface OpenRun extends Run {
  readonly reads: Read[];
  bytes: number;
}

/** A run whose lines are carried whole must still fit a batch, with what stands beside each line. */
const MAX_RUN_BYTES = MAX_BATCH_BYTES / 2;
const BESIDE_LINE = 64;

const sizeOf = (read: Read): number =>
  read.raw.length + (read.readerTime?.length ?? 0) + read.kind.length + BESIDE_LINE;

const takes = (run: OpenRun, seq: number, size: number): boolean =>
  seq === run.firstSeq + run.reads.length && run.reads.length < MAX_BATCH_READS && run.bytes + size <= MAX_RUN_BYTES;

/**
 * Splits a batch into appends. Events of different readers and epochs may be mixed; within one epoch they go to the log in
 * the order they came, so that a hole or a repeat among them gets the log's own answer.
 * @param streamOf the stream of a reader; every reader of the batch has one by now
 */
export const planRuns = (
  events: readonly ReadEvent[],
  streamOf: (reader: string) => StreamId,
  receivedAt: number,
): readonly Run[] => {
  const runs: OpenRun[] = [];
  const open = new Map<string, OpenRun>();
  for (const event of events) {
    const read = readOfEvent(event, receivedAt);
    const size = sizeOf(read);
    const { reader_ip: reader, stream_epoch: epoch } = event;
    const key = `${epoch} ${reader}`;
    let run = open.get(key);
    if (run === undefined || !takes(run, event.seq, size)) {
      run = { reader, streamId: streamOf(reader), epoch, firstSeq: event.seq, reads: [], bytes: 0 };
      open.set(key, run);
      runs.push(run);
    }
    run.reads.push(read);
    run.bytes += size;
  }
  return runs;
};

/** What the log answered to a run. */
export interface Appended {
  readonly run: Run;
  readonly reply: AppendReply;
}

const durableHead = (reply: AppendReply): number | null => {
  if (reply.type === 'accepted') return reply.state.head;
  return reply.type === 'duplicate' ? reply.head : null;
};

/** How far each epoch of the batch is durable, for the epochs of which something was taken. */
export const ackEntries = (
  forwarderId: StreamRef['forwarder_id'],
  all: readonly Appended[],
): readonly PositionEntry[] => {
  const entries = new Map<string, PositionEntry>();
  for (const { run, reply } of all) {
    const head = durableHead(reply);
    if (head === null) continue;
    const key = `${run.epoch} ${run.reader}`;
    const last_seq = Math.max(head, entries.get(key)?.last_seq ?? 0);
    entries.set(key, { forwarder_id: forwarderId, reader_ip: run.reader, stream_epoch: run.epoch, last_seq });
  }
  return [...entries.values()];
};

/** Why a run was not taken; null when it was. */
export const refusalOfRun = ({ run, reply }: Appended): Refusal | null => {
  const where = `${run.reader} epoch ${run.epoch}`;
  switch (reply.type) {
    case 'accepted':
    case 'duplicate':
      return null;
    case 'gap':
      return refusal('GAP', `expected seq ${reply.expected} of ${where}, got ${run.firstSeq}`);
    case 'conflict':
      return refusal(
        'INTEGRITY_CONFLICT',
        `other bytes are stored under seq ${reply.seq} of ${where}; the first are kept: ` +
          `send these reads under a fresh epoch, at least ${reply.nextEpoch}`,
      );
    case 'malformed':
      return refusal('BAD_REQUEST', `${where} cannot be stored: ${reply.message}`);
    case 'unknown-stream':
      return refusal('NOT_FOUND', `the stream of ${run.reader} was deleted; say hello again`);
    case 'storage-full':
      return refusal('STORAGE_FULL', 'the relay’s disk is full; keep the reads, they are taken when there is space');
    case 'failed':
      return refusal('UNAVAILABLE', 'the relay’s storage failed; keep the reads');
    default:
      return exhaustive(reply);
  }
};

/**
 * The record that commands a fresh epoch after a conflict in `epoch`, to be told after the next hello. Null when a later
 * epoch is commanded already: a device that repeats the conflict before it follows does not use up numbers.
 */
export const commandFreshEpoch = (
  row: StreamRecord,
  conflict: { readonly epoch: number; readonly nextEpoch: number },
): StreamRecord | null => {
  if (row.commandedEpoch !== null && row.commandedEpoch > conflict.epoch) return null;
  const { streamId, eventId, forwarderId, reader, createdAt } = row;
  const fresh = Math.max(conflict.nextEpoch, row.currentEpoch + 1);
  return { streamId, eventId, forwarderId, reader, createdAt, currentEpoch: fresh, commandedEpoch: fresh };
};
