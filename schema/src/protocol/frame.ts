import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { StreamId } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';

/**
 * Binary frames of `/sync`: reads. Control messages are JSON text frames.
 *
 * ```text
 * push  := 1 streamId(varString) epoch(varUint) firstSeq(varUint) pushId(varUint) batch(rest)
 * reads := 2 streamId(varString) epoch(varUint) firstSeq(varUint) batch(rest)
 * ```
 * `batch` is `reads/batch-codec`'s; the relay stores it as it came.
 */
const PUSH = 1;
const READS = 2;

/** Largest frame a relay takes on `/sync`. */
export const MAX_SYNC_FRAME_BYTES = 1024 * 1024 + 512;
export const MAX_PUSHES_IN_FLIGHT = 16;

export interface ReadsFrame {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly firstSeq: number;
  readonly batch: Uint8Array;
}

export interface PushFrame extends ReadsFrame {
  /** Chosen by the forwarder; comes back in the outcome. */
  readonly pushId: number;
}

export interface MalformedFrame {
  readonly type: 'malformed-frame';
  readonly message: string;
}

/** A frame of a later version, to be ignored (P26). */
export interface UnknownFrame {
  readonly type: 'unknown-frame';
  readonly message: string;
}

export type FrameDefect = MalformedFrame | UnknownFrame;

const MAX_EPOCH = 0xffff_ffff;

const writeHead = (encoder: encoding.Encoder, kind: number, frame: ReadsFrame): void => {
  encoding.writeUint8(encoder, kind);
  encoding.writeVarString(encoder, frame.streamId);
  encoding.writeVarUint(encoder, frame.epoch);
  encoding.writeVarUint(encoder, frame.firstSeq);
};

export const encodePush = (frame: PushFrame): Uint8Array => {
  const encoder = encoding.createEncoder();
  writeHead(encoder, PUSH, frame);
  encoding.writeVarUint(encoder, frame.pushId);
  encoding.writeUint8Array(encoder, frame.batch);
  return encoding.toUint8Array(encoder);
};

export const encodeReads = (frame: ReadsFrame): Uint8Array => {
  const encoder = encoding.createEncoder();
  writeHead(encoder, READS, frame);
  encoding.writeUint8Array(encoder, frame.batch);
  return encoding.toUint8Array(encoder);
};

const readHead = (decoder: decoding.Decoder, kind: number): Result<Omit<ReadsFrame, 'batch'>, FrameDefect> => {
  if (!decoding.hasContent(decoder)) return malformed('the frame is empty');
  const found = decoding.readUint8(decoder);
  if (found !== PUSH && found !== READS) return err({ type: 'unknown-frame', message: `unknown frame kind ${found}` });
  if (found !== kind) return malformed(`expected frame kind ${kind}, got ${found}`);
  const streamId = StreamId.safeParse(decoding.readVarString(decoder));
  if (!streamId.success) return malformed('the stream id is no stream id');
  const epoch = decoding.readVarUint(decoder);
  const firstSeq = decoding.readVarUint(decoder);
  if (epoch < 1 || epoch > MAX_EPOCH) return malformed(`expected an epoch from 1 to ${MAX_EPOCH}`);
  if (firstSeq < 1 || firstSeq > Number.MAX_SAFE_INTEGER - 10_000) return malformed('expected a first seq from 1');
  return ok({ streamId: streamId.data, epoch, firstSeq });
};

const malformed = (message: string): Result<never, MalformedFrame> => err({ type: 'malformed-frame', message });

/** lib0 throws at the end of input and on numbers beyond 2^53. */
const guarded = <T>(decode: () => Result<T, FrameDefect>): Result<T, FrameDefect> => {
  try {
    return decode();
  } catch (error) {
    return malformed(error instanceof Error ? error.message : String(error));
  }
};

const rest = (decoder: decoding.Decoder): Uint8Array => decoding.readTailAsUint8Array(decoder);

export const decodePush = (bytes: Uint8Array): Result<PushFrame, FrameDefect> =>
  guarded(() => {
    const decoder = decoding.createDecoder(bytes);
    const head = readHead(decoder, PUSH);
    if (!head.ok) return head;
    const pushId = decoding.readVarUint(decoder);
    return ok({ ...head.value, pushId, batch: rest(decoder) });
  });

export const decodeReads = (bytes: Uint8Array): Result<ReadsFrame, FrameDefect> =>
  guarded(() => {
    const decoder = decoding.createDecoder(bytes);
    const head = readHead(decoder, READS);
    return head.ok ? ok({ ...head.value, batch: rest(decoder) }) : head;
  });
