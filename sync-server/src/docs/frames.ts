import { DOC_MESSAGE, PERMISSION_DENIED, SYNC_MESSAGE } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** A frame of a document's peer. `unknown`: a later version's; ignored. */
export type DocMessage =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  /** `answer`: a step 2, all that its sender has and the other side lacked. `update`: a change as it was made. */
  | { readonly type: 'update'; readonly kind: 'answer' | 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly update: Uint8Array }
  | { readonly type: 'query-awareness' }
  | { readonly type: 'unknown' };

export interface BadFrame {
  readonly type: 'bad-frame';
  readonly message: string;
}

const bad = (message: string): Result<never, BadFrame> => err({ type: 'bad-frame', message });

/** Runs a decoder of lib0 or Yjs, which throw at the end of input and on over-long numbers. */
export const guarded = <T>(decode: () => Result<T, BadFrame>): Result<T, BadFrame> => {
  try {
    return decode();
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
};

const readSync = (decoder: decoding.Decoder): Result<DocMessage, BadFrame> => {
  switch (decoding.readVarUint(decoder)) {
    case SYNC_MESSAGE.step1:
      return ok({ type: 'step1', stateVector: decoding.readVarUint8Array(decoder) });
    case SYNC_MESSAGE.step2:
      return ok({ type: 'update', kind: 'answer', update: decoding.readVarUint8Array(decoder) });
    case SYNC_MESSAGE.update:
      return ok({ type: 'update', kind: 'update', update: decoding.readVarUint8Array(decoder) });
    default:
      return ok({ type: 'unknown' });
  }
};

const readMessage = (decoder: decoding.Decoder): Result<DocMessage, BadFrame> => {
  switch (decoding.readVarUint(decoder)) {
    case DOC_MESSAGE.sync:
      return readSync(decoder);
    case DOC_MESSAGE.awareness:
      return ok({ type: 'awareness', update: decoding.readVarUint8Array(decoder) });
    case DOC_MESSAGE.queryAwareness:
      return ok({ type: 'query-awareness' });
    default:
      return ok({ type: 'unknown' });
  }
};

/**
 * Takes an untrusted frame apart; the bytes inside are still to be checked. What stands behind a message is a field of a
 * later version, and passed over as the stock client does (P26).
 */
export const decodeDocFrame = (frame: string | Uint8Array): Result<DocMessage, BadFrame> => {
  if (typeof frame === 'string') return bad('documents are synced in binary frames');
  return guarded(() => readMessage(decoding.createDecoder(frame)));
};

const frameOf = (...parts: readonly (number | Uint8Array | string)[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part);
    else if (typeof part === 'string') encoding.writeVarString(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  }
  return encoding.toUint8Array(encoder);
};

export const encodeStep1 = (stateVector: Uint8Array): Uint8Array =>
  frameOf(DOC_MESSAGE.sync, SYNC_MESSAGE.step1, stateVector);

export const encodeStep2 = (update: Uint8Array): Uint8Array => frameOf(DOC_MESSAGE.sync, SYNC_MESSAGE.step2, update);

/** What comes before an update of this size in its frame, so that the frame can be made of both without a copy in between. */
export const syncHead = (kind: 'step2' | 'update', length: number): Uint8Array => {
  const head: number[] = [DOC_MESSAGE.sync, SYNC_MESSAGE[kind]];
  let rest = length;
  for (; rest > 127; rest >>>= 7) head.push(128 | (rest & 127));
  head.push(rest);
  return Uint8Array.from(head);
};

export const encodeAwarenessFrame = (update: Uint8Array): Uint8Array => frameOf(DOC_MESSAGE.awareness, update);

export const encodePermissionDenied = (reason: string): Uint8Array =>
  frameOf(DOC_MESSAGE.auth, PERMISSION_DENIED, reason);

/** An awareness update about nobody: the smallest message that a stock client takes without effect. */
export const KEEP_ALIVE: Uint8Array = encodeAwarenessFrame(Uint8Array.of(0));
