import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** How a document server is spoken to. Hocuspocus puts the document's name before each message and wants a token first. */
export interface Dialect {
  /** What a client says first: who it is, and its state vector. */
  readonly hello: (document: string, stateVector: Uint8Array) => readonly Uint8Array[];
  readonly update: (document: string, update: Uint8Array) => Uint8Array;
  /** The sync message in a frame of the server; null when it is another one. The bytes may be cut short. */
  readonly sync: (frame: Uint8Array) => { readonly kind: number; readonly bytes: () => Uint8Array } | null;
}

export const STEP2 = 1;
const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const UPDATE = 2;

const encode = (...parts: readonly (number | string | Uint8Array)[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part);
    else if (typeof part === 'string') encoding.writeVarString(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  }
  return encoding.toUint8Array(encoder);
};

const readSync = (decoder: decoding.Decoder): ReturnType<Dialect['sync']> => {
  const type = decoding.readVarUint(decoder);
  if (type !== SYNC && type !== SYNC_REPLY) return null;
  const kind = decoding.readVarUint(decoder);
  return { kind, bytes: () => decoding.readVarUint8Array(decoder) };
};

export const Y_WEBSOCKET: Dialect = {
  hello: (_, stateVector) => [encode(SYNC, 0, stateVector)],
  update: (_, update) => encode(SYNC, UPDATE, update),
  sync: (frame) => readSync(decoding.createDecoder(frame)),
};

export const HOCUSPOCUS: Dialect = {
  hello: (document, stateVector) => [
    encode(document, AUTH, 0, 'token', '4.7.0'),
    encode(document, SYNC, 0, stateVector),
  ],
  update: (document, update) => encode(document, SYNC, UPDATE, update),
  sync: (frame) => {
    const decoder = decoding.createDecoder(frame);
    decoding.readVarString(decoder);
    return readSync(decoder);
  },
};

export const DIALECTS = { 'y-websocket': Y_WEBSOCKET, hocuspocus: HOCUSPOCUS } as const;
export type DialectName = keyof typeof DIALECTS;
