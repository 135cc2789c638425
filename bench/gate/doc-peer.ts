import { DOC_MESSAGE, readSaved, SYNC_MESSAGE } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';

/** A bare connection to a document: sends updates as answers to the relay's question, and hears what is saved. */
export interface DocPeer {
  readonly send: (update: Uint8Array) => void;
  /** Resolves when that many messages are on the relay's disk, or the connection has ended. */
  readonly saved: (messages: number) => Promise<void>;
  /** Resolves with the code. */
  readonly closed: Promise<number>;
  readonly close: () => void;
}

const answerOf = (update: Uint8Array): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
  encoding.writeVarUint(encoder, SYNC_MESSAGE.step2);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
};

export const openDocPeer = async (relay: string, name: string, token: string): Promise<DocPeer> => {
  const ws = new WebSocket(`${relay.replace('http', 'ws')}/docs/${name}`, ['baton.v1', `bearer.${token}`]);
  let messages = 0;
  let heard = (): void => {};
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  ws.on('message', (frame: Buffer) => {
    const decoder = decoding.createDecoder(new Uint8Array(frame));
    if (decoding.readVarUint(decoder) !== DOC_MESSAGE.saved) return;
    messages = readSaved(decoder).messages;
    heard();
  });
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  return {
    send: (update) => ws.send(answerOf(update)),
    saved: async (wanted) => {
      while (messages < wanted && ws.readyState === WebSocket.OPEN) {
        await Promise.race([closed, new Promise<void>((resolve) => (heard = resolve))]);
      }
    },
    closed,
    close: () => ws.close(),
  };
};
