import { DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { splitUpdate } from './split-update.ts';

export interface EditSocketEvents {
  /** A frame with edits went out: what the relay's word "saved" is counted against. */
  readonly onSent: () => void;
  /** The answer to the relay's step 1 went out, in however many frames. */
  readonly onAnswered: () => void;
}

/**
 * Largest update in one frame; the relay refuses 4 MiB and applies a frame at once. An import of 55,000
 * people is one transaction of 7 MB, and so is the answer after it was made offline.
 */
export const MAX_UPDATE_BYTES = 256 * 1024;

interface Edits {
  readonly update: Uint8Array;
  readonly isAnswer: boolean;
}

/** The update in a frame that carries one; null for all other frames. */
const editsOf = (data: unknown): Edits | null => {
  if (!(data instanceof Uint8Array) || data[0] !== DOC_MESSAGE.sync) return null;
  if (data[1] !== SYNC_MESSAGE.step2 && data[1] !== SYNC_MESSAGE.update) return null;
  const decoder = decoding.createDecoder(data.subarray(2));
  return { update: decoding.readVarUint8Array(decoder), isAnswer: data[1] === SYNC_MESSAGE.step2 };
};

export const encodeUpdateFrame = (
  update: Uint8Array,
  kind: typeof SYNC_MESSAGE.step2 | typeof SYNC_MESSAGE.update = SYNC_MESSAGE.update,
): Uint8Array<ArrayBuffer> => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
  encoding.writeVarUint(encoder, kind);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
};

/** The socket that a provider uses: large updates leave it in parts, and each frame with edits is told. */
export const editSocket = (Socket: typeof WebSocket, events: EditSocketEvents): typeof WebSocket =>
  class extends Socket {
    override send(data: Parameters<WebSocket['send']>[0]): void {
      const edits = editsOf(data);
      if (edits === null) return super.send(data);
      if (this.readyState !== this.OPEN) return; // it would be dropped without a word: it is not sent
      if (edits.update.length <= MAX_UPDATE_BYTES) this.#sendEdits(data);
      else this.#sendParts(edits);
      if (edits.isAnswer) events.onAnswered();
    }

    /** Of an answer, the last part is the answer: with it the relay has all that it asked for. */
    #sendParts({ update, isAnswer }: Edits): void {
      const parts = splitUpdate(update, MAX_UPDATE_BYTES);
      for (const [at, part] of parts.entries()) {
        const isLast = at === parts.length - 1;
        this.#sendEdits(encodeUpdateFrame(part, isAnswer && isLast ? SYNC_MESSAGE.step2 : SYNC_MESSAGE.update));
      }
    }

    #sendEdits(data: Parameters<WebSocket['send']>[0]): void {
      super.send(data);
      events.onSent();
    }
  };
