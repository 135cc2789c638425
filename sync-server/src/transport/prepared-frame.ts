/**
 * A frame of the relay with its WebSocket header, encoded once for every socket that gets it. The relay masks
 * nothing and compresses nothing, so the bytes are the same for all.
 */
export interface PreparedFrame {
  /** What a peer gets as its message; a view of `wire`. */
  readonly payload: Uint8Array;
  /** Header and payload, as they go over the network (RFC 6455, section 5.2). */
  readonly wire: Uint8Array;
}

/** A whole message (FIN) of binary data, and one of text. */
const BINARY = 0x82;
const TEXT = 0x81;
const SHORT = 126;
const MEDIUM = 127;

const headerSize = (length: number): number => {
  if (length < SHORT) return 2;
  return length < 65_536 ? 4 : 10;
};

const writeHeader = (wire: Buffer, opcode: number, length: number): void => {
  wire[0] = opcode;
  if (length < SHORT) {
    wire[1] = length;
  } else if (length < 65_536) {
    wire[1] = SHORT;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = MEDIUM;
    wire.writeBigUInt64BE(BigInt(length), 2);
  }
};

const prepare = (opcode: number, parts: readonly Uint8Array[]): PreparedFrame => {
  let length = 0;
  for (const part of parts) length += part.length;
  let at = headerSize(length);
  const wire = Buffer.allocUnsafe(at + length);
  writeHeader(wire, opcode, length);
  const payload = wire.subarray(at);
  for (const part of parts) {
    wire.set(part, at);
    at += part.length;
  }
  return { payload, wire };
};

/** One frame of the parts of its payload, in their order, however many. */
export const prepareFrameOf = (parts: readonly Uint8Array[]): PreparedFrame => prepare(BINARY, parts);

/** A message of text, such as JSON. */
export const prepareText = (text: string): PreparedFrame => prepare(TEXT, [Buffer.from(text, 'utf8')]);

export const prepareFrame = (...parts: readonly Uint8Array[]): PreparedFrame => prepareFrameOf(parts);

/** Frames up to this are copied together: a buffer more costs a socket more than some kilobytes copied once for all. */
const MAX_JOINED_BYTES = 64 * 1024;

/** The bytes of frames that follow each other, in as few pieces as are worth it. */
export const joinFrames = (frames: readonly PreparedFrame[]): readonly Uint8Array[] => {
  const pieces = frames.map(({ wire }) => wire);
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  return pieces.length < 2 || size > MAX_JOINED_BYTES ? pieces : [Buffer.concat(pieces, size)];
};
