import { bytesLeft, createByteReader, Refused, readUint, refuse } from './byte-reader.ts';
import { MAX_CLIENT, MAX_CLOCK } from './limits.ts';

/** Twice the client ids that a document of the relay has: a client may know a few that the relay does not. */
const MAX_CLIENTS = 16_384;

const scan = (bytes: Uint8Array): void => {
  const reader = createByteReader(bytes);
  const count = readUint(reader, MAX_CLIENTS, 'the number of clients in a state vector');
  if (count * 2 > bytesLeft(reader)) refuse('a state vector declares more clients than it has bytes');
  for (let at = 0; at < count; at++) {
    readUint(reader, MAX_CLIENT, 'a client id');
    readUint(reader, MAX_CLOCK, 'a clock');
  }
  if (bytesLeft(reader) > 0) refuse('bytes after the state vector');
};

/** Why an untrusted state vector is refused; null when it is sound. */
export const checkStateVector = (bytes: Uint8Array): string | null => {
  try {
    scan(bytes);
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
};
