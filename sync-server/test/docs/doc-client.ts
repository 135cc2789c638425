import { DOC_MESSAGE, readSaved, type SavedState } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readAuthMessage } from 'y-protocols/auth';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import type { PeerSocket } from '../../src/transport/peer-socket.ts';

/** Everything that was ready has run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for a condition, turn by turn; the test's own time limit ends a wait for what never comes. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};

/** Lets everything settle that needs no timer: a few turns of the loop more than any path takes. */
export const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await turn();
};

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/**
 * The far end of a document connection: y-protocols on a socket without a network. Frames to the
 * relay go out a microtask later, as on a socket nothing comes back within a call.
 */
export const createDocClient = (doc: Y.Doc = new Y.Doc()) => {
  const frames: Uint8Array[] = [];
  const saved: SavedState[] = [];
  const denied: string[] = [];
  const awareness = new Awareness(doc);
  let closed: Closed | null = null;
  let buffered = 0;
  let synced = false;
  let onMessage: (frame: string | Uint8Array) => void = () => {};
  let onClose: (code: number) => void = () => {};

  const say = (frame: string | Uint8Array): void => {
    queueMicrotask(() => {
      if (closed === null) onMessage(frame);
    });
  };

  const takeSync = (decoder: decoding.Decoder): void => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
    const kind = readSyncMessage(decoder, encoder, doc, socket);
    if (kind === 1) synced = true;
    if (encoding.length(encoder) > 1) say(encoding.toUint8Array(encoder));
  };

  const take = (frame: Uint8Array): void => {
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === DOC_MESSAGE.sync) takeSync(decoder);
    else if (type === DOC_MESSAGE.awareness) {
      applyAwarenessUpdate(awareness, decoding.readVarUint8Array(decoder), socket);
    } else if (type === DOC_MESSAGE.auth) readAuthMessage(decoder, doc, (_, reason) => denied.push(reason));
    else if (type === DOC_MESSAGE.saved) saved.push(readSaved(decoder));
  };

  const socket: PeerSocket = {
    send: (frame) => {
      if (closed !== null) return;
      if (typeof frame === 'string') throw new Error('a document peer gets binary frames only');
      frames.push(frame);
      take(frame);
    },
    close: (code, reason) => {
      if (closed !== null) return;
      closed = { code, reason };
      queueMicrotask(() => onClose(code));
    },
    bufferedAmount: () => buffered,
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
    onDrain: () => {},
    pause: () => {},
    resume: () => {},
  };

  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === socket) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
    writeUpdate(encoder, update);
    say(encoding.toUint8Array(encoder));
  });

  return {
    doc,
    socket,
    awareness,
    /** As they came. */
    frames,
    saved,
    denied,
    say,
    closed: () => closed,
    isSynced: () => synced,
    setBuffered: (bytes: number) => {
      buffered = bytes;
    },
    /** What a stock client says first. */
    greet: () => {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
      writeSyncStep1(encoder, doc);
      say(encoding.toUint8Array(encoder));
    },
    /** Tells its own state, and whatever else it is asked to. */
    tellAwareness: (clients: number[] = [doc.clientID]) => {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, DOC_MESSAGE.awareness);
      encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, clients));
      say(encoding.toUint8Array(encoder));
    },
    hangUp: () => {
      closed ??= { code: 1006, reason: '' };
      onClose(1006);
    },
    /** Stops what y-protocols starts by itself. */
    dispose: () => {
      awareness.destroy();
      doc.destroy();
    },
  };
};

export type DocClient = ReturnType<typeof createDocClient>;

export const messageTypes = (client: DocClient): readonly number[] => [
  ...new Set(client.frames.map((frame) => decoding.readVarUint(decoding.createDecoder(frame)))),
];

export const syncFrame = (kind: number, bytes: Uint8Array): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
  encoding.writeVarUint(encoder, kind);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
};
