import { Epoch, Seq } from '@baton/schema/ids';
import { type AppendDecision, type Batch, decideAppend, sliceBatch } from '@baton/schema/reads';
import type { AppendCommand, AppendReply, StoredBatch } from './store.ts';

/** What a store keeps of a stream beside its reads. */
export interface StreamState {
  readonly currentEpoch: number;
  readonly commandedEpoch: number | null;
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

/** What a store keeps of an epoch beside its reads. */
export interface EpochState {
  readonly head: number;
  readonly firstReadAt: number | null;
  readonly lastReadAt: number | null;
  readonly sealed: boolean;
  /** The reads lie elsewhere: what is sent again cannot be compared, and gets the answer of a conflict. */
  readonly archived: boolean;
}

export const NO_READS: EpochState = { head: 0, firstReadAt: null, lastReadAt: null, sealed: false, archived: false };

/** What an append does: the answer, the states after it, and what is to be stored, if anything. */
export interface AppendPlan {
  readonly reply: AppendReply;
  readonly stream: StreamState;
  readonly epoch: EpochState;
  readonly stored: StoredBatch | null;
}

const NOT_COMPARED = new Uint8Array(0);

/** Lines of the numbers up to the head: only these are compared, so only these are rebuilt. */
const comparedRaws = (batch: Batch, firstSeq: number, head: number): readonly Uint8Array[] =>
  Array.from({ length: batch.count }, (_, index) => (firstSeq + index <= head ? batch.rawAt(index) : NOT_COMPARED));

/**
 * A sealed epoch has told its count and hash to replicas and stays as it is. Reads beyond its end get the
 * answer of a conflict: nothing is lost, because the forwarder sends them again under a fresh epoch.
 */
const keepSealed = (epoch: EpochState, decision: AppendDecision): AppendDecision =>
  epoch.sealed && decision.type === 'accepted' ? { type: 'conflict', head: epoch.head, seq: epoch.head + 1 } : decision;

/** Why a command's numbers are none; null when they are fine. The batch itself is checked by its codec. */
export const misnumbered = (command: AppendCommand): string | null => {
  if (!Epoch.safeParse(command.epoch).success) return 'expected an epoch from 1 to 4294967295';
  if (!Seq.safeParse(command.firstSeq).success) return 'expected a first seq from 1 on';
  return null;
};

const receiptSpan = (
  batch: Batch,
  from: number,
  epoch: EpochState,
): { readonly first: number; readonly last: number } => {
  let first = epoch.firstReadAt ?? batch.receivedAt(from);
  let last = epoch.lastReadAt ?? first;
  for (let index = from; index < batch.count; index++) {
    const at = batch.receivedAt(index);
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return { first, last };
};

const unknownPart = (command: AppendCommand, batch: Batch, fromSeq: number): StoredBatch => {
  const skip = fromSeq - command.firstSeq;
  const bytes = skip === 0 ? command.batch : sliceBatch(batch, skip, batch.count);
  return { firstSeq: fromSeq, count: batch.count - skip, batch: bytes };
};

const acceptPlan = (
  stream: StreamState,
  epoch: EpochState,
  command: AppendCommand,
  batch: Batch,
  decision: AppendDecision & { readonly type: 'accepted' },
): AppendPlan => {
  const stored = unknownPart(command, batch, decision.fromSeq);
  const span = receiptSpan(batch, decision.fromSeq - command.firstSeq, epoch);
  const { commandedEpoch } = stream;
  return {
    reply: {
      type: 'accepted',
      state: { head: decision.head, firstReadAt: span.first, lastReadAt: span.last },
      stored,
      duplicates: decision.duplicates,
      epochRose: command.epoch > stream.currentEpoch,
    },
    stream: {
      ...stream,
      currentEpoch: Math.max(stream.currentEpoch, command.epoch),
      commandedEpoch: commandedEpoch !== null && command.epoch >= commandedEpoch ? null : commandedEpoch,
      accepted: stream.accepted + stored.count,
      duplicates: stream.duplicates + decision.duplicates,
    },
    epoch: { ...epoch, head: decision.head, firstReadAt: span.first, lastReadAt: span.last },
    stored,
  };
};

/** An append whose reads are all stored already. */
export const duplicatePlan = (stream: StreamState, epoch: EpochState, duplicates: number): AppendPlan => ({
  reply: { type: 'duplicate', head: epoch.head, duplicates },
  stream: { ...stream, duplicates: stream.duplicates + duplicates },
  epoch,
  stored: null,
});

/**
 * The ingest rule with its effects on the records, the same for every driver. `known` gives the stored
 * line of a number at or below the head. Every epoch with reads is at most the stream's current one, so
 * `nextEpoch` is above all that exist or were commanded.
 */
export const planAppend = (
  stream: StreamState,
  epoch: EpochState,
  command: AppendCommand,
  batch: Batch,
  known: (seq: number) => Uint8Array | undefined,
): AppendPlan => {
  const { head } = epoch;
  const { firstSeq } = command;
  const raws = comparedRaws(batch, firstSeq, head);
  const decision = keepSealed(epoch, decideAppend({ head }, { firstSeq, raws }, known));
  switch (decision.type) {
    case 'gap':
      return { reply: decision, stream, epoch, stored: null };
    case 'conflict':
      return {
        reply: { ...decision, nextEpoch: Math.max(stream.currentEpoch, stream.commandedEpoch ?? 0) + 1 },
        stream: { ...stream, conflicts: stream.conflicts + 1 },
        epoch,
        stored: null,
      };
    case 'duplicate':
      return duplicatePlan(stream, epoch, decision.duplicates);
    case 'accepted':
      return acceptPlan(stream, epoch, command, batch, decision);
  }
};
