import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/**
 * Numbers of the y-websocket protocol as `/docs/<name>` speaks it (y-protocols 1.0.7, y-websocket 3.1),
 * and the one message of ours.
 *
 * ```text
 * frame := 0 (0 bytes(stateVector) | 1 bytes(update) | 2 bytes(update))   sync: step 1, step 2, update
 *        | 1 bytes(awareness update) | 3                                  awareness, and asking for it
 *        | 2 0 string(reason)                                             permission denied
 *        | 110 bytes(stateVector) messages(varUint)                       saved; relay → peers of `baton.v1`
 * ```
 */
export const DOC_MESSAGE = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, saved: 110 } as const;
export const SYNC_MESSAGE = { step1: 0, step2: 1, update: 2 } as const;
export const PERMISSION_DENIED = 0;

/** Largest frame a relay takes on `/docs`: all offline edits of a stock client come in one. */
export const MAX_DOC_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * What is on the relay's disk. The state vector alone says nothing of deletions, which have no
 * clock in Yjs; so the relay also says how many of this connection's step-2 and update messages are.
 */
export interface SavedState {
  readonly stateVector: Uint8Array;
  readonly messages: number;
}

export const encodeSaved = ({ stateVector, messages }: SavedState): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.saved);
  encoding.writeVarUint8Array(encoder, stateVector);
  encoding.writeVarUint(encoder, messages);
  return encoding.toUint8Array(encoder);
};

/** Reads what follows the message number, as a provider's message handler gets it. */
export const readSaved = (decoder: decoding.Decoder): SavedState => ({
  stateVector: decoding.readVarUint8Array(decoder),
  messages: decoding.readVarUint(decoder),
});
