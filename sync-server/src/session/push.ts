import { type Refusal, refusal, refusalToEnvelope } from '@baton/schema/errors';
import { MAX_PUSHES_IN_FLIGHT, type PushFrame, type PushOutcome } from '@baton/schema/protocol';
import { exhaustive } from '@baton/schema/result';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { StreamRecord } from '../storage/records.ts';
import type { AppendReply } from '../storage/store.ts';

/** Epochs may be opened this far above the current one: a typo cannot use up the numbers. */
const MAX_EPOCH_JUMP = 1000;

export interface PushDeps {
  readonly registry: Pick<Registry, 'stream'>;
  readonly log: Pick<ReadLog, 'append'>;
  /** Whether the session may bring reads of this stream: its forwarder, or a link that carries the event's. */
  readonly mayBring: (stream: StreamRow) => boolean;
  /** False once the session may not append any more. */
  readonly mayAppend: () => boolean;
  /** Why the node may not write at all, now. */
  readonly refuseWrite: () => Refusal | null;
  /** Counts bytes that are to be stored; why they may not be, now. */
  readonly takeBytes: (bytes: number) => Refusal | null;
  /** Of those bytes so many could not be stored, and will come again. */
  readonly giveBack: (bytes: number) => void;
  /** Sends outcomes; called at most once a turn. */
  readonly answer: (entries: readonly PushOutcome[]) => void;
  /** Runs after what the present turn still brings. */
  readonly afterTurn: (run: () => void) => void;
}

/** Takes a forwarder's batches; an outcome is sent only after the log has decided and synced. */
export interface PushSide {
  /** False when the peer does not keep to its window: the session ends. */
  readonly take: (frame: PushFrame) => boolean;
}

const refused = (pushId: number, it: Refusal): PushOutcome => ({
  pushId,
  outcome: 'refused',
  error: refusalToEnvelope(it),
});

const outcomeOf = (pushId: number, reply: AppendReply): PushOutcome => {
  switch (reply.type) {
    case 'accepted':
      return { pushId, outcome: 'accepted', head: reply.state.head };
    case 'duplicate':
      return { pushId, outcome: 'duplicate', head: reply.head };
    case 'gap':
      return { pushId, outcome: 'gap', head: reply.head, expected: reply.expected };
    case 'conflict':
      return { pushId, outcome: 'conflict', head: reply.head, seq: reply.seq, nextEpoch: reply.nextEpoch };
    case 'malformed':
      return refused(pushId, refusal('BAD_REQUEST', `the batch does not decode: ${reply.message}`));
    case 'unknown-stream':
      return refused(pushId, refusal('NOT_FOUND', 'the stream is unknown; name its reader in the hello'));
    case 'storage-full':
      return refused(
        pushId,
        refusal('STORAGE_FULL', 'the relay’s disk is full; keep the reads, they are taken when there is space'),
      );
    case 'failed':
      return refused(pushId, refusal('UNAVAILABLE', 'the relay’s storage failed; keep the reads'));
    default:
      return exhaustive(reply);
  }
};

/** Epochs are numbers that people and journals count up: a far one is a mistake, or would use up the numbers. */
export const refuseEpoch = (
  stream: Pick<StreamRecord, 'currentEpoch' | 'commandedEpoch'>,
  epoch: number,
): Refusal | null => {
  const highest = Math.max(stream.currentEpoch, stream.commandedEpoch ?? 0) + MAX_EPOCH_JUMP;
  return epoch > highest ? refusal('BAD_REQUEST', `expected an epoch up to ${highest}, got ${epoch}`) : null;
};

export const createPushSide = (deps: PushDeps): PushSide => {
  let inFlight = 0;
  let answers: PushOutcome[] = [];

  const answer = (outcome: PushOutcome): void => {
    answers.push(outcome);
    if (answers.length > 1) return;
    deps.afterTurn(() => {
      const entries = answers;
      answers = [];
      deps.answer(entries);
    });
  };

  const refusalOf = (frame: PushFrame): Refusal | null => {
    const stream = deps.registry.stream(frame.streamId);
    if (stream === undefined) return refusal('NOT_FOUND', 'the stream is unknown; name its reader in the hello');
    if (!deps.mayBring(stream)) return refusal('FORBIDDEN', 'the stream belongs to another forwarder');
    return deps.refuseWrite() ?? refuseEpoch(stream, frame.epoch) ?? deps.takeBytes(frame.batch.length);
  };

  const append = async (frame: PushFrame): Promise<void> => {
    inFlight++;
    const reply = await deps.log.append(frame);
    inFlight--;
    if (reply.type === 'storage-full') deps.giveBack(frame.batch.length);
    answer(deps.mayAppend() ? outcomeOf(frame.pushId, reply) : { pushId: frame.pushId, outcome: 'fenced' });
  };

  return {
    take: (frame) => {
      if (inFlight >= MAX_PUSHES_IN_FLIGHT) return false;
      const refusal = deps.mayAppend() ? refusalOf(frame) : null;
      if (!deps.mayAppend()) answer({ pushId: frame.pushId, outcome: 'fenced' });
      else if (refusal !== null) answer(refused(frame.pushId, refusal));
      else void append(frame);
      return true;
    },
  };
};
