import { DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { editSocket, encodeUpdateFrame, MAX_UPDATE_BYTES } from '../../src/doc/edit-socket.ts';

/** An open socket that keeps what goes out. */
class OpenSocket {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly sent: Uint8Array[] = [];
  send(data: Uint8Array): void {
    this.sent.push(data);
  }
}

const read = (frame: Uint8Array) => {
  const decoder = decoding.createDecoder(frame);
  const message = decoding.readVarUint(decoder);
  const kind = decoding.readVarUint(decoder);
  return { message, kind, update: decoding.readVarUint8Array(decoder) };
};

const large = (): Y.Doc => {
  const doc = new Y.Doc({ gc: false });
  for (let at = 0; at < 6000; at++) doc.getMap('m').set(`key ${at}`, 'x'.repeat(150));
  return doc;
};

const send = (kind: typeof SYNC_MESSAGE.step2 | typeof SYNC_MESSAGE.update, doc: Y.Doc) => {
  const told: string[] = [];
  const Socket = editSocket(OpenSocket as unknown as typeof WebSocket, {
    onSent: () => told.push('sent'),
    onAnswered: () => told.push('answered'),
  });
  const socket = new Socket('ws://relay');
  const frame = encodeUpdateFrame(Y.encodeStateAsUpdate(doc), kind);
  socket.send(frame);
  return { frames: (socket as unknown as OpenSocket).sent.map(read), told };
};

const { step2, update } = SYNC_MESSAGE;

it.each([
  { kind: step2, last: step2, end: ['answered'] },
  { kind: update, last: update, end: [] },
])(
  '[P18] sends a large update ($kind) in parts that are all of it, the last of its own kind',
  ({ kind, last, end }) => {
    const doc = large();
    const { frames, told } = send(kind, doc);
    expect(frames.length).toBeGreaterThan(3);
    for (const frame of frames) {
      expect(frame.message).toBe(DOC_MESSAGE.sync);
      expect(frame.update.length).toBeLessThan(MAX_UPDATE_BYTES * 1.1);
    }
    // an answer ends with the answer: until then the relay goes on waiting for it
    expect(frames.map((it) => it.kind)).toEqual([...frames.slice(1).map(() => update), last]);
    expect(told).toEqual([...frames.map(() => 'sent'), ...end]);
    const copy = new Y.Doc({ gc: false });
    for (const frame of frames) Y.applyUpdate(copy, frame.update);
    expect(copy.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON());
    expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(doc));
  },
);
