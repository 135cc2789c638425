import {
  type ByteReader,
  bytesLeft,
  readByte,
  readText,
  readUint,
  refuse,
  skip,
  skipInt,
  skipText,
} from './byte-reader.ts';
import type { GateLimits } from './limits.ts';

/** Keys that would reach a prototype when a value is copied field by field. */
const FORBIDDEN_IN_VALUES = new Set(['__proto__', 'constructor', 'prototype']);

const LONGEST_FORBIDDEN = 'constructor'.length;

type Skip = (reader: ByteReader, limits: GateLimits, depth: number) => void;

const checkSize = ({ at, stop }: ByteReader, { valueBytes }: GateLimits): void => {
  if (at > stop) refuse(`a value has at most ${valueBytes} bytes`);
};

const deeper = (depth: number, { valueDepth }: GateLimits): number =>
  depth < valueDepth ? depth + 1 : refuse(`a value has at most ${valueDepth} arrays and objects inside each other`);

const skipKey = (reader: ByteReader, { keyBytes }: GateLimits): void => {
  const length = reader.bytes[reader.at] ?? 0;
  if (length > LONGEST_FORBIDDEN) {
    skipText(reader, keyBytes, 'a key');
    return;
  }
  const key = readText(reader, keyBytes, 'a key');
  if (FORBIDDEN_IN_VALUES.has(key)) refuse(`a value has no key ${key}`);
};

const skipObject: Skip = (reader, limits, depth) => {
  const inner = deeper(depth, limits);
  const count = readUint(reader, bytesLeft(reader), 'the number of keys');
  for (let at = 0; at < count; at++) {
    skipKey(reader, limits);
    skipValue(reader, limits, inner);
    checkSize(reader, limits);
  }
};

const skipArray: Skip = (reader, limits, depth) => {
  const inner = deeper(depth, limits);
  const count = readUint(reader, bytesLeft(reader), 'the length of an array');
  for (let at = 0; at < count; at++) {
    skipValue(reader, limits, inner);
    checkSize(reader, limits);
  }
};

const skipString: Skip = (reader, { valueBytes }) => {
  skipText(reader, valueBytes, 'a text');
};

const skipBytes: Skip = (reader, { valueBytes }) => {
  skip(reader, readUint(reader, valueBytes, 'the length of bytes'));
};

const nothing: Skip = () => {};

/** By type byte, as lib0's `readAny` has them. */
const SKIPS: Readonly<Record<number, Skip>> = {
  // undefined, null, false, true
  127: nothing,
  126: nothing,
  121: nothing,
  120: nothing,
  125: skipInt,
  // 4 and 8 bytes of a float
  124: (reader) => skip(reader, 4),
  123: (reader) => skip(reader, 8),
  122: () => refuse('a value has no BigInt: JSON cannot carry it'),
  119: skipString,
  118: skipObject,
  117: skipArray,
  116: skipBytes,
};

/** Passes over one value as lib0's `writeAny` encodes it. */
const skipValue: Skip = (reader, limits, depth) => {
  const skipOne = SKIPS[readByte(reader)] ?? refuse('a value of unknown type');
  skipOne(reader, limits, depth);
};

/** Checks one value of a map and passes over it. */
export const checkValue = (reader: ByteReader, limits: GateLimits): void => {
  reader.stop = reader.at + limits.valueBytes;
  skipValue(reader, limits, 0);
  checkSize(reader, limits);
};
