import { encodeSaved, SYNC_MESSAGE } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';

const SYNC = 0;

/** A WebSocket whose far end is a document in the test. */
export interface FakeRoom {
  readonly doc: Y.Doc;
  readonly WebSocket: typeof WebSocket;
  /** Every socket that was opened, in order. */
  readonly sockets: readonly FakeSocket[];
  readonly latest: () => FakeSocket;
}

export interface FakeSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Lets it open; the room answers from then on. */
  readonly open: () => void;
  readonly close: (code: number, reason?: string) => void;
  /** The relay tells that this many frames with edits are on its disk. */
  readonly tellSaved: (messages: number) => void;
  /** The relay says these bytes. */
  readonly say: (frame: Uint8Array) => void;
}

const frame = (write: (encoder: encoding.Encoder) => void): ArrayBuffer => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  write(encoder);
  return encoding.toUint8Array(encoder).slice().buffer;
};

export const createFakeRoom = (): FakeRoom => {
  const doc = new Y.Doc();
  const sockets: FakeSocket[] = [];

  class Fake {
    binaryType = 'blob';
    readyState = 0;
    readonly OPEN = 1;
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    onerror: (() => void) | null = null;

    constructor(url: string, protocols: readonly string[]) {
      sockets.push({
        url,
        protocols,
        open: () => {
          this.readyState = 1;
          this.onopen?.();
          this.deliver(frame((encoder) => syncProtocol.writeSyncStep1(encoder, doc)));
        },
        close: (code, reason = '') => {
          this.readyState = 3;
          this.onclose?.({ code, reason });
        },
        tellSaved: (messages) => {
          this.deliver(encodeSaved({ stateVector: new Uint8Array(), messages }).slice().buffer);
        },
        say: (bytes) => this.deliver(bytes.slice().buffer),
      });
    }

    deliver(data: ArrayBuffer): void {
      this.onmessage?.({ data });
    }

    send(data: Uint8Array): void {
      const decoder = decoding.createDecoder(data);
      if (decoding.readVarUint(decoder) !== SYNC) return;
      const step1 = decoding.clone(decoder);
      if (decoding.readVarUint(step1) === SYNC_MESSAGE.step1) {
        const vector = decoding.readVarUint8Array(step1);
        this.deliver(frame((encoder) => syncProtocol.writeSyncStep2(encoder, doc, vector)));
      } else syncProtocol.readSyncMessage(decoder, encoding.createEncoder(), doc, this);
    }

    close(): void {
      this.readyState = 3;
    }
  }

  return {
    doc,
    WebSocket: Fake as unknown as typeof WebSocket,
    sockets,
    latest: () => {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('nobody has connected yet');
      return socket;
    },
  };
};
