import { err, ok, type Result } from '@baton/schema/result';
import { bytesLeft, createByteReader, Refused, readUint, refuse } from './byte-reader.ts';
import { MAX_CLIENT, MAX_CLOCK } from './limits.ts';

/** Twice the client ids that a document of the relay has: a client may know a few that the relay does not. */
const MAX_CLIENTS = 16_384;

/** Clocks by client id: up to where somebody has what each client wrote. */
export type StateVector = ReadonlyMap<number, number>;

const scan = (bytes: Uint8Array): StateVector => {
  const reader = createByteReader(bytes);
  const count = readUint(reader, MAX_CLIENTS, 'the number of clients in a state vector');
  if (count * 2 > bytesLeft(reader)) refuse('a state vector declares more clients than it has bytes');
  const clocks = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const client = readUint(reader, MAX_CLIENT, 'a client id');
    clocks.set(client, readUint(reader, MAX_CLOCK, 'a clock'));
  }
  if (bytesLeft(reader) > 0) refuse('bytes after the state vector');
  return clocks;
};

/** Reads an untrusted state vector; a message where it is none. */
export const readStateVector = (bytes: Uint8Array): Result<StateVector, string> => {
  try {
    return ok(scan(bytes));
  } catch (error) {
    if (error instanceof Refused) return err(error.message);
    throw error;
  }
};
