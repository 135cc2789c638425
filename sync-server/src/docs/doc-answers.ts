import type * as Y from 'yjs';
import { PORTION_BYTES } from '../transport/portions.ts';
import {
  inFewPieces,
  type PreparedFrame,
  prepareFrame,
  prepareFrameOf,
  withStart,
} from '../transport/prepared-frame.ts';
import { answerSteps } from './answer-steps.ts';
import { type ChangeLogLimits, createChangeLog } from './change-log.ts';
import { encodeStep2, syncHead } from './frames.ts';
import type { Steps } from './gate/scan.ts';
import type { StateVector } from './gate/state-vector.ts';
import type { WorkTurns } from './gate/work-turns.ts';
import { knownOf } from './known-state.ts';

/** Bounds of what is remembered of one document's answers. */
export interface AnswerLimits {
  /** Answers to peers that have something already, kept beside the one to those that have nothing. */
  readonly kept: number;
  readonly keptBytes: number;
  /** Changes that a kept answer is followed by; behind more it is encoded anew. */
  readonly log: ChangeLogLimits;
}

export const ANSWER_LIMITS: AnswerLimits = {
  kept: 64,
  keptBytes: 4 * 1024 * 1024,
  log: { changes: 500, bytes: 1024 * 1024 },
};

/** The frames of an answer in their order, the same for any number of sockets; the last one is a step 2. */
export type Answer = readonly PreparedFrame[];

/** Answers to step 1: what a peer with this state vector lacks. */
export interface DocAnswers {
  /**
   * Calls `give` with an answer that is true at that moment: now, when there is one, else in a later turn. Returns the way to
   * give up waiting; null when nothing is left to wait for.
   */
  readonly to: (stateVector: StateVector, give: (answer: Answer) => void) => (() => void) | null;
  /** The document changed, by what this frame tells. */
  readonly changed: (frame: PreparedFrame) => void;
}

/** What was true before a change, encoded. */
interface Cut {
  /** Number of that change. */
  readonly at: number;
  /** As a whole answer, or as an update that others follow; only one of both is kept. */
  frame: PreparedFrame;
  isWhole: boolean;
}

interface Job {
  readonly key: string;
  readonly known: StateVector;
  readonly waiting: Set<(answer: Answer) => void>;
}

/** In the unit of `Steps`. */
const COST_OF_GIVING = 2000;
const COST_OF_PIECE = 10;

/** Behind answers that come in several frames. */
const THAT_WAS_ALL = prepareFrame(encodeStep2(Uint8Array.of(0, 0)));

/** The parts as they are; where many clients wrote little each, they are small, and to join them takes steps as well. */
function* wholeAnswer(parts: readonly Uint8Array[]): Steps<PreparedFrame> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const piece of inFewPieces(parts)) {
    pieces.push(piece);
    length += piece.length;
    yield COST_OF_PIECE + (piece.length >> 8);
  }
  return prepareFrameOf([syncHead('step2', length), ...pieces]);
}

/** A frame's first bytes, which tell what it is. */
const KIND_BYTES = 2;

const asUpdate = (frame: PreparedFrame): PreparedFrame =>
  withStart(frame, syncHead('update', 0).subarray(0, KIND_BYTES));

/** In its turn: each piece is told to the socket, and what it may write at once is written. */
const costOfGiving = (answer: Answer): number => {
  const bytes = answer.reduce((sum, frame) => sum + frame.bytes, 0);
  return COST_OF_GIVING + answer.length * 10 + (Math.min(bytes, PORTION_BYTES) >> 6);
};

/**
 * Each answer is encoded once, in turns that it shares with everybody else's work, and kept: after later changes it is the same
 * answer with these behind it. A thousand clients that come back after an outage have the same state vector, and to
 * encode an answer is a walk over the whole document: equal vectors can still miss deletions, so even who has
 * everything gets the set of them. One is encoded at a time.
 */
export const createDocAnswers = (
  { doc, turns }: { readonly doc: Y.Doc; readonly turns: Pick<WorkTurns, 'start'> },
  limits: AnswerLimits = ANSWER_LIMITS,
): DocAnswers => {
  const log = createChangeLog(limits.log);
  const kept = new Map<string, Cut>();
  const jobs = new Map<string, Job>();
  let keptBytes = 0;
  /** What is being encoded, or given, needs all changes from here on. */
  let needed: number | null = null;

  const forgetKept = (): void => {
    kept.clear();
    keptBytes = 0;
    log.forgetBefore(needed ?? log.position());
  };

  const keep = (key: string, cut: Cut): void => {
    if (log.isFull()) return;
    const size = key === '' ? 0 : key.length + cut.frame.bytes;
    if (key !== '' && (kept.size > limits.kept || keptBytes + size > limits.keptBytes)) return;
    kept.set(key, cut);
    keptBytes += size;
  };

  const answerOf = (cut: Cut): Answer => {
    const changes = log.since(cut.at);
    if (changes.length === 0) return [cut.frame];
    if (cut.isWhole) {
      cut.frame = asUpdate(cut.frame);
      cut.isWhole = false;
    }
    return [cut.frame, ...changes, THAT_WAS_ALL];
  };

  /** Null: nobody waits for it any more. */
  function* encode({ known, waiting }: Job, at: number): Steps<Cut | null> {
    const steps = answerSteps(doc, known);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return { at, frame: yield* wholeAnswer(step.value), isWhole: true };
      yield step.value;
      if (waiting.size === 0) return null;
    }
  }

  function* answer(job: Job): Steps<void> {
    needed = log.position();
    const cut = yield* encode(job, needed);
    if (cut === null) return;
    keep(job.key, cut);
    // those that come meanwhile are among them
    for (const give of job.waiting) {
      job.waiting.delete(give);
      const frames = answerOf(cut);
      give(frames);
      yield costOfGiving(frames);
    }
  }

  function* answerAll(): Steps<void> {
    // those that come meanwhile are among them, too
    for (const [key, job] of jobs) {
      if (job.waiting.size > 0) yield* answer(job);
      needed = null;
      if (kept.size === 0) log.forgetBefore(log.position());
      jobs.delete(key);
    }
  }

  const start = (): void => {
    const steps = answerAll();
    turns.start(() => {
      const step = steps.next();
      return step.done === true ? null : step.value;
    });
  };

  const waitFor = (key: string, known: StateVector, give: (answer: Answer) => void): Job => {
    const found = jobs.get(key);
    const job = found ?? { key, known, waiting: new Set() };
    job.waiting.add(give);
    if (found !== undefined) return job;
    jobs.set(key, job);
    if (jobs.size === 1) start();
    return job;
  };

  return {
    to: (stateVector, give) => {
      const { key, known } = knownOf(doc, stateVector);
      const cut = kept.get(key);
      if (cut !== undefined) {
        give(answerOf(cut));
        return null;
      }
      const { waiting } = waitFor(key, known, give);
      return waiting.has(give) ? () => void waiting.delete(give) : null;
    },
    changed: (frame) => {
      if (kept.size === 0 && needed === null) return;
      log.add(frame);
      if (log.isFull()) forgetKept();
    },
  };
};
