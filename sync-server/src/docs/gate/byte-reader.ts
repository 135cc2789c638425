import { isUtf8 } from 'node:buffer';

/** Thrown inside the gate, and turned into a value where it is entered: the update is refused, and this is why. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export const refuse = (message: string): never => {
  throw new Refused(message);
};

/** A position in untrusted bytes. */
export interface ByteReader {
  readonly bytes: Buffer;
  at: number;
  /** Where the value that is being read must have ended. */
  stop: number;
}

export const createByteReader = (bytes: Uint8Array): ByteReader => ({
  bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  at: 0,
  stop: bytes.length,
});

export const bytesLeft = ({ bytes, at }: ByteReader): number => bytes.length - at;

export const readByte = (reader: ByteReader): number =>
  reader.bytes[reader.at++] ?? refuse('the update ends too early');

/** Five bytes hold 35 bits; nothing in an update needs more than 32. */
const MAX_FACTOR = 128 ** 4;

const readMore = (reader: ByteReader, first: number, firstFactor: number): number => {
  let value = first;
  for (let factor = firstFactor; ; factor *= 128) {
    const byte = readByte(reader);
    value += (byte & 127) * factor;
    if (byte === 0) return refuse('a number is longer than it need be');
    if (byte < 128) return value;
    if (factor >= MAX_FACTOR) return refuse('a number has more than five bytes');
  }
};

/** lib0's `varUint`, in its shortest form only. `what` names it in the refusal. */
export const readUint = (reader: ByteReader, max: number, what: string): number => {
  const byte = readByte(reader);
  const value = byte < 128 ? byte : readMore(reader, byte & 127, 128);
  return value <= max ? value : refuse(`${what}: at most ${max}, got ${value}`);
};

/** Passes over lib0's `varInt` (sign in the second bit of the first byte). */
export const skipInt = (reader: ByteReader): void => {
  const byte = readByte(reader);
  if (byte >= 128) readMore(reader, byte & 63, 64);
};

/** Passes over that many bytes, and returns where they began. */
export const skip = (reader: ByteReader, length: number): number => {
  const { at } = reader;
  if (length > bytesLeft(reader)) return refuse('the update ends too early');
  reader.at += length;
  return at;
};

const isAscii = (bytes: Buffer, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 128) >= 128) return false;
  return true;
};

/** Above this, the native check is faster than a loop. */
const SHORT = 64;

/** Passes over a string of lib0, and returns where it began. Yjs throws in the midst of its work at what is no UTF-8. */
export const skipText = (reader: ByteReader, maxBytes: number, what: string): number => {
  const length = readUint(reader, maxBytes, what);
  const from = skip(reader, length);
  const { bytes, at } = reader;
  if (length <= SHORT && isAscii(bytes, from, at)) return from;
  return isUtf8(bytes.subarray(from, at)) ? from : refuse(`${what} is not UTF-8`);
};

export const readText = (reader: ByteReader, maxBytes: number, what: string): string => {
  const from = skipText(reader, maxBytes, what);
  const { bytes, at } = reader;
  return bytes.toString(at - from <= SHORT && isAscii(bytes, from, at) ? 'latin1' : 'utf8', from, at);
};

/** Whether a byte of UTF-8 continues a character. */
const isWithin = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/**
 * Passes over about so many bytes of UTF-8 and not beyond `end`, to where a character ends, and returns how many UTF-16 units
 * they are: Yjs counts those.
 */
export const readCharacters = (reader: ByteReader, count: number, end: number): number => {
  const { bytes, at: from } = reader;
  let to = from + count;
  while (to < end && isWithin(bytes[to])) to++;
  let units = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (!isWithin(byte)) units += byte < 0xf0 ? 1 : 2;
  }
  reader.at = to;
  return isUtf8(bytes.subarray(from, to)) ? units : refuse('a text is not UTF-8');
};
