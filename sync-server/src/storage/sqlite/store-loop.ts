import type { CompactReply, StoredBatch } from '../store.ts';
import { type DocCompaction, startDocCompaction } from './doc-compaction.ts';
import { textOfError } from './failure.ts';
import type { MergeThread } from './merge-thread.ts';
import { bytesOfRequest, type WriteReply, type WriteRequest } from './requests.ts';
import type { Sealing, SealRequest } from './seal.ts';
import type { SqliteCore } from './sqlite-core.ts';
import type { AppendAnswer, NumberedAnswer, NumberedCall, StoreAnswers, StoreCall } from './worker-messages.ts';

/** One transaction takes at most this much, so that no ack waits behind more than some ten milliseconds of others. */
const MAX_GROUP_REQUESTS = 2048;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

type WriteCall = NumberedCall & { readonly call: WriteRequest };
type ReadCall = NumberedCall & { readonly call: Exclude<StoreCall, WriteRequest> };

interface RunningSeal {
  readonly id: number;
  readonly request: SealRequest;
  readonly sealing: Sealing;
}

interface RunningCompaction {
  readonly id: number;
  readonly name: string;
  readonly compaction: DocCompaction;
}

const ENDING: CompactReply = { type: 'kept', reason: 'the store is closing' };
const RUNNING: CompactReply = { type: 'kept', reason: 'the document is being compacted already' };

const isWrite = (it: NumberedCall): it is WriteCall =>
  it.call.type === 'append' || it.call.type === 'commit' || it.call.type === 'appendDoc';

const isRead = (it: NumberedCall): it is ReadCall => !isWrite(it);

/** Cuts a row of writes into groups of bounded size. */
const groupsOf = (writes: readonly WriteCall[]): readonly (readonly WriteCall[])[] => {
  const groups: WriteCall[][] = [];
  let group: WriteCall[] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = bytesOfRequest(write.call);
    if (group.length > 0 && (group.length >= MAX_GROUP_REQUESTS || bytes + size > MAX_GROUP_BYTES)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(write);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
};

const restOf = (stored: StoredBatch, request: WriteRequest): StoredBatch | null =>
  request.type === 'append' && stored.batch === request.command.batch ? null : stored;

const answerOf = (id: number, request: WriteRequest, reply: WriteReply): NumberedAnswer => {
  if (reply.type === 'rejected') return { id, type: 'error', message: reply.message };
  if (reply.type !== 'accepted') return { id, type: 'answer', value: reply };
  const { stored, ...others } = reply;
  const value: AppendAnswer = { ...others, rest: restOf(stored, request) };
  return { id, type: 'answer', value };
};

/** What the store's thread does, without the thread: calls in, answers out, and work for quiet moments. */
export interface StoreLoop {
  /** Answers everything that waits: writes first, in their order and in as few transactions as fit, then reads. */
  readonly serve: (calls: readonly NumberedCall[]) => void;
  readonly hasBackground: () => boolean;
  /** A few milliseconds of sealing, compaction or checkpointing. */
  readonly background: () => void;
}

export interface StoreLoopDeps {
  readonly core: SqliteCore;
  /** Called once for each transaction and once for the reads of a turn. */
  readonly answer: (answers: readonly NumberedAnswer[]) => void;
  readonly onClose: () => void;
  /** Makes one update of a document's many, in another thread. */
  readonly merge: MergeThread['merge'];
  /** There is background work again. */
  readonly onBackground: () => void;
}

export const createStoreLoop = ({ core, answer, onClose, merge, onBackground }: StoreLoopDeps): StoreLoop => {
  const seals: RunningSeal[] = [];
  /** The first of them runs: one document at a time is rebuilt in memory. */
  const compactions: RunningCompaction[] = [];

  const guarded = (id: number, value: () => StoreAnswers[keyof StoreAnswers]): NumberedAnswer => {
    try {
      return { id, type: 'answer', value: value() };
    } catch (error) {
      return { id, type: 'error', message: textOfError(error) };
    }
  };

  const writeGroup = (group: readonly WriteCall[]): void => {
    const replies = core.write(group.map((it) => it.call));
    const answers: NumberedAnswer[] = [];
    group.forEach((it, index) => {
      const reply = replies[index];
      if (reply !== undefined) answers.push(answerOf(it.id, it.call, reply));
    });
    answer(answers);
  };

  const readOne = ({ id, call }: ReadCall): NumberedAnswer | null => {
    switch (call.type) {
      case 'load':
        return guarded(id, core.load);
      case 'readBatches':
        return guarded(id, () => core.readBatches(call.command));
      case 'loadDoc':
        return guarded(id, () => core.loadDoc(call.name));
      case 'docNames':
        return guarded(id, () => core.docNames(call.prefix));
      case 'loadFacts':
        return guarded(id, () => core.loadFacts(call.eventId, call.kind));
      case 'backup':
        core.backup(call.path).then(
          () => answer([{ id, type: 'answer', value: null }]),
          (error: unknown) => answer([{ id, type: 'error', message: textOfError(error) }]),
        );
        return null;
      case 'eventSizes':
        return guarded(id, core.eventSizes);
      case 'sizeBytes':
        return guarded(id, core.sizeBytes);
      case 'seal':
        seals.push({ id, request: call.request, sealing: core.startSealing(call.request) });
        return null;
      case 'compactDoc':
        if (compactions.some((it) => it.name === call.name)) return { id, type: 'answer', value: RUNNING };
        compactions.push({ id, name: call.name, compaction: startDocCompaction(core, call.name, merge, onBackground) });
        return null;
      case 'close':
        return null; // after everything else
    }
  };

  /** Answers a seal that has ended; null while it runs. */
  const sealOne = ({ id, request, sealing }: RunningSeal): NumberedAnswer | null => {
    const step = sealing.step();
    switch (step.type) {
      case 'running':
        return null;
      case 'not-there':
        return { id, type: 'answer', value: null };
      case 'hashed': {
        const written = core.finishSealing(request, step.hash);
        if (written.type === 'failed') return { id, type: 'error', message: written.message };
        return { id, type: 'answer', value: written.type === 'committed' ? { hash: step.hash } : null };
      }
    }
  };

  const stepSeal = (seal: RunningSeal): void => {
    let result: NumberedAnswer | null;
    try {
      result = sealOne(seal);
    } catch (error) {
      result = { id: seal.id, type: 'error', message: textOfError(error) };
    }
    if (result === null) return;
    seals.shift();
    answer([result]);
  };

  const stepCompaction = ({ id, compaction }: RunningCompaction): void => {
    let result: NumberedAnswer | null;
    try {
      const value = compaction.step();
      result = value === null ? null : { id, type: 'answer', value };
    } catch (error) {
      result = { id, type: 'error', message: textOfError(error) };
    }
    if (result === null) return;
    compactions.shift();
    answer([result]);
  };

  /** Unfinished seals and compactions are left undone: they are asked for again at the next start. */
  const close = (id: number): void => {
    for (const { id: asked } of compactions.splice(0)) answer([{ id: asked, type: 'answer', value: ENDING }]);
    for (const seal of seals.splice(0)) answer([{ id: seal.id, type: 'answer', value: null }]);
    answer([
      guarded(id, () => {
        core.close();
        return null;
      }),
    ]);
    onClose();
  };

  return {
    serve: (calls) => {
      for (const group of groupsOf(calls.filter(isWrite))) writeGroup(group);
      const answers = calls.filter(isRead).flatMap((it) => readOne(it) ?? []);
      if (answers.length > 0) answer(answers);
      const closing = calls.find((it) => it.call.type === 'close');
      if (closing !== undefined) close(closing.id);
    },
    hasBackground: () => seals.length > 0 || compactions[0]?.compaction.isReady() === true || core.hasUpkeep(),
    background: () => {
      const [seal, compaction] = [seals[0], compactions[0]];
      if (seal !== undefined) stepSeal(seal);
      else if (compaction?.compaction.isReady() === true) stepCompaction(compaction);
      else if (core.hasUpkeep()) core.upkeep();
    },
  };
};
