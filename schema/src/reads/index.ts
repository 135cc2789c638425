export type { AppendDecision, AppendRequest, EpochState } from './append-decision.ts';
export { decideAppend } from './append-decision.ts';
export type { Batch, MalformedBatch } from './batch-codec.ts';
export {
  decodeBatch,
  encodeBatch,
  MAX_BATCH_BYTES,
  MAX_BATCH_READS,
  readDefect,
  readsOfBatch,
  sliceBatch,
} from './batch-codec.ts';
export type { Pair, PairKey, VectorClock } from './clock.ts';
export {
  ClockJson,
  clockAt,
  clockFromJson,
  clockToJson,
  comparePairs,
  covers,
  mergeClocks,
  minimumClock,
  pairFromKey,
  pairKey,
} from './clock.ts';
export type { IpicoLine, IpicoLineError, IpicoLineErrorType, ReadKind } from './ipico-line.ts';
export { ipicoChecksum, parseIpicoLine, renderIpicoLine, wallToText } from './ipico-line.ts';
export type { NumberedRead, Read } from './read.ts';
export { MAX_RAW_BYTES, readFromLine, sameBytes } from './read.ts';
