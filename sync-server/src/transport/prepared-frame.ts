/**
 * A frame of the relay with its WebSocket header, encoded once for every socket that gets it. The relay masks
 * nothing and compresses nothing, so the bytes are the same for all.
 */
export interface PreparedFrame {
  /**
   * Header and payload, as they go over the network (RFC 6455, section 5.2): in one piece, or several where they are many. What it was
   * made of may be among them, and sockets may be writing them: nobody changes them, or hands them to another thread.
   */
  readonly wire: readonly Uint8Array[];
  /** Of all pieces together. */
  readonly bytes: number;
  /** Of the first piece. */
  readonly headerBytes: number;
}

/** A whole message (FIN) of binary data, and one of text. */
const BINARY = 0x82;
const TEXT = 0x81;
const SHORT = 126;
const MEDIUM = 127;

/** As much is one piece: a buffer more costs a socket more than some kilobytes copied once for all. */
const MAX_WHOLE_BYTES = 64 * 1024;
/** Of what is more than that, so much is copied together. What is larger stays where it is: to copy megabytes takes long. */
const MAX_JOINED_BYTES = 32 * 1024;

const headerSize = (length: number): number => {
  if (length < SHORT) return 2;
  return length < 65_536 ? 4 : 10;
};

const headerOf = (opcode: number, length: number): Buffer => {
  const header = Buffer.allocUnsafe(headerSize(length));
  header[0] = opcode;
  if (length < SHORT) {
    header[1] = length;
  } else if (length < 65_536) {
    header[1] = SHORT;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = MEDIUM;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return header;
};

const sizeOf = (pieces: readonly Uint8Array[]): number => {
  let size = 0;
  for (const { length } of pieces) size += length;
  return size;
};

const joined = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces, size);
};

/**
 * The same bytes in fewer pieces, each made when it is asked for: small ones are copied together, the others are as they were. Any two that
 * follow each other are together more than is copied.
 */
export function* inFewPieces(pieces: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  let group: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    if (group.length > 0 && size + piece.length > MAX_JOINED_BYTES) {
      yield joined(group, size);
      group = [];
      size = 0;
    }
    group.push(piece);
    size += piece.length;
  }
  yield joined(group, size);
}

const piecesOf = (pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] => {
  if (pieces.length < 2) return pieces;
  return bytes > MAX_WHOLE_BYTES ? [...inFewPieces(pieces)] : [joined(pieces, bytes)];
};

const prepare = (opcode: number, parts: readonly Uint8Array[]): PreparedFrame => {
  const length = sizeOf(parts);
  const header = headerOf(opcode, length);
  const bytes = header.length + length;
  return { wire: piecesOf([header, ...parts], bytes), bytes, headerBytes: header.length };
};

/** One frame of the parts of its payload, in their order, however many. */
export const prepareFrameOf = (parts: readonly Uint8Array[]): PreparedFrame => prepare(BINARY, parts);

/** A message of text, such as JSON. */
export const prepareText = (text: string): PreparedFrame => prepare(TEXT, [Buffer.from(text, 'utf8')]);

export const prepareFrame = (...parts: readonly Uint8Array[]): PreparedFrame => prepareFrameOf(parts);

/**
 * The same frame, but for the first bytes of its payload. Only the piece that they are in is copied: sockets may still be
 * writing the other. They are in the first one where the first part of the payload is small.
 */
export const withStart = ({ wire, bytes, headerBytes }: PreparedFrame, start: Uint8Array): PreparedFrame => {
  const [first = new Uint8Array(), ...others] = wire;
  const changed = new Uint8Array(first);
  changed.set(start, headerBytes);
  return { wire: [changed, ...others], bytes, headerBytes };
};

/** What a peer gets as its message: for where it is not written to a network. */
export const payloadOf = ({ wire, bytes, headerBytes }: PreparedFrame): Uint8Array =>
  joined(wire, bytes).subarray(headerBytes);

/** The bytes of frames that follow each other, in as few pieces as are worth it. */
export const joinFrames = (frames: readonly PreparedFrame[]): readonly Uint8Array[] => {
  const pieces = frames.flatMap(({ wire }) => wire);
  return piecesOf(pieces, sizeOf(pieces));
};
