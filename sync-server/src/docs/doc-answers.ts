import { err, ok, type Result } from '@baton/schema/result';
import * as Y from 'yjs';
import { type PreparedFrame, prepareFrame } from '../transport/prepared-frame.ts';
import { type BadFrame, encodeStep2 } from './frames.ts';

/** Bounds of what is remembered of one document's answers. */
export interface AnswerLimits {
  readonly stateVectorBytes: number;
  /** Answers to peers that have something already, kept beside the one to those that have nothing. */
  readonly kept: number;
  readonly keptBytes: number;
}

export const ANSWER_LIMITS: AnswerLimits = {
  stateVectorBytes: 256 * 1024,
  kept: 64,
  keptBytes: 4 * 1024 * 1024,
};

/** Answers to step 1: what a peer with this state vector lacks. */
export interface DocAnswers {
  /** The state vector is untrusted. The answer is a whole step-2 frame, ready for any number of sockets. */
  readonly to: (stateVector: Uint8Array) => Result<PreparedFrame, BadFrame>;
  readonly changed: () => void;
}

const badFrame = (message: string): Result<never, BadFrame> => err({ type: 'bad-frame', message });

/** Encoding of a state vector that has nothing. */
const isEmpty = (stateVector: Uint8Array): boolean => stateVector.length === 1 && stateVector[0] === 0;

const keyOf = (stateVector: Uint8Array): string => Buffer.from(stateVector).toString('latin1');

/**
 * Each answer is encoded once until the document changes. A thousand clients that come back after an outage have the
 * same state vector, and each answer costs a walk over the whole document: equal vectors can still miss deletions, so
 * even who has everything gets the set of them.
 */
export const createDocAnswers = (doc: Y.Doc, limits: AnswerLimits = ANSWER_LIMITS): DocAnswers => {
  let whole: PreparedFrame | null = null;
  const kept = new Map<string, PreparedFrame>();
  let keptBytes = 0;

  const keep = (key: string, frame: PreparedFrame): void => {
    const size = key.length + frame.wire.length;
    if (kept.size >= limits.kept || keptBytes + size > limits.keptBytes) return;
    kept.set(key, frame);
    keptBytes += size;
  };

  const toSome = (stateVector: Uint8Array): PreparedFrame => {
    const key = keyOf(stateVector);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const frame = prepareFrame(encodeStep2(Y.encodeStateAsUpdate(doc, stateVector)));
    keep(key, frame);
    return frame;
  };

  return {
    to: (stateVector) => {
      if (stateVector.length > limits.stateVectorBytes) return badFrame('the state vector is too long');
      try {
        if (!isEmpty(stateVector)) return ok(toSome(stateVector));
        whole ??= prepareFrame(encodeStep2(Y.encodeStateAsUpdate(doc)));
        return ok(whole);
      } catch (error) {
        return badFrame(error instanceof Error ? error.message : String(error));
      }
    },
    changed: () => {
      whole = null;
      if (kept.size === 0) return;
      kept.clear();
      keptBytes = 0;
    },
  };
};
