import { participantIdFor, putParticipants, putRace, writeSelection } from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import { DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { ADMIN, createEvent, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';

let f: RelayFixture;
const tokens: Record<string, string | null> = { admin: ADMIN, nobody: null, wrong: 'no-token-of-this-relay' };
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
  await createEvent(f, 'e2');
  await createEvent(f, 'draft', 'draft');
  tokens['operator'] = await createToken(f, 'operator', 'e1');
  tokens['receiver'] = await createToken(f, 'receiver', 'e1', 'tent');
  tokens['forwarder'] = await createToken(f, 'forwarder', 'e1', 'mat');
  tokens['viewer'] = await createToken(f, 'viewer', 'e1');
  tokens['foreign'] = await createToken(f, 'operator', 'e2');
  await createToken(f, 'receiver', 'e1', 'other');
});
const open: Peer[] = [];
afterEach(() => {
  for (const peer of open.splice(0)) peer.leave();
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const sync = (kind: number, bytes: Uint8Array): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.sync);
  encoding.writeVarUint(encoder, kind);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
};

/** A document's peer on a real socket that says only what it is told to, and keeps what it hears. */
class Peer {
  readonly doc = new Y.Doc();
  readonly denied: string[] = [];
  readonly present: string[] = [];
  readonly closed: Promise<number>;
  frames = 0;
  private answers = 0;
  private readonly socket: WebSocket;

  constructor(name: string, token: string | null) {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    this.socket = new WebSocket(`${f.base.replace('http', 'ws')}/docs/${name}`, { headers });
    this.socket.on('message', (data) => this.hear(new Uint8Array(data as Buffer)));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    open.push(this);
  }

  private hear(frame: Uint8Array): void {
    this.frames++;
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === DOC_MESSAGE.awareness) this.present.push(Buffer.from(frame).toString('latin1'));
    if (type === DOC_MESSAGE.auth) {
      decoding.readVarUint(decoder);
      this.denied.push(decoding.readVarString(decoder));
    }
    if (type !== DOC_MESSAGE.sync) return;
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC_MESSAGE.step1) return;
    Y.applyUpdate(this.doc, decoding.readVarUint8Array(decoder));
    if (kind === SYNC_MESSAGE.step2) this.answers++;
  }

  /** Resolves with the close code, or null once the relay has answered a step 1 and all that was said before. */
  async settle(): Promise<number | null> {
    if (this.socket.readyState === WebSocket.CONNECTING) {
      await Promise.race([new Promise((resolve) => this.socket.once('open', resolve)), this.closed]);
    }
    const wanted = this.answers + 1;
    this.say(sync(SYNC_MESSAGE.step1, Y.encodeStateVector(this.doc)));
    const answered = async (): Promise<null> => {
      while (this.answers < wanted) await new Promise((resolve) => this.socket.once('message', resolve));
      return null;
    };
    return Promise.race([answered(), this.closed]);
  }

  say(frame: Uint8Array): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  has(marker: string): boolean {
    return Buffer.from(Y.encodeStateAsUpdate(this.doc)).includes(marker);
  }

  leave(): void {
    this.socket.terminate();
    this.doc.destroy();
  }
}

/** What an honest editor of this kind of document would change. */
const change = (name: string, doc: Y.Doc, marker: string): void => {
  if (name.endsWith('/setup')) putRace(doc, { raceId: RaceId.parse(marker), name: marker });
  else if (name.endsWith('/roster')) {
    putParticipants(doc, [
      { participantId: participantIdFor(null, marker.slice(0, 12)), bib: marker.slice(0, 12), lastName: marker },
    ]);
  } else writeSelection(doc, { mode: 'race', raceId: RaceId.parse(marker), epochScope: 'all' });
};

const updateOf = (name: string, known: Y.Doc, marker: string): Uint8Array => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(known));
  const before = Y.encodeStateVector(doc);
  change(name, doc, marker);
  return Y.encodeStateAsUpdate(doc, before);
};

const presenceOf = (marker: string): Uint8Array => {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState({ at: marker });
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, DOC_MESSAGE.awareness);
  encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [awareness.clientID]));
  awareness.destroy();
  return encoding.toUint8Array(encoder);
};

const DOCUMENTS = [
  'events/e1/setup',
  'events/e1/roster',
  'events/e1/receivers/tent',
  'events/e1/receivers/other',
  'events/e1/receivers/ghost',
  'events/e1/nothing',
  'events/draft/setup',
  'events/e2/setup',
] as const;

/** w: writes and reads, r: reads, else the last digit of the close code, and not a byte of anything. */
const MATRIX = {
  admin: 'w w w w 4 4 w w',
  operator: 'w w w w 4 4 4 3',
  receiver: 'r r w 3 3 4 4 3',
  forwarder: 'r 3 3 3 3 4 4 3',
  viewer: 'r 3 3 3 3 4 4 3',
  foreign: '3 3 3 3 3 4 4 w',
  nobody: '1 1 1 1 1 1 1 1',
  wrong: '1 1 1 1 1 1 1 1',
} as const;

const CASES = Object.entries(MATRIX).flatMap(([who, letters]) =>
  letters.split(' ').map((letter, at) => [who, DOCUMENTS[at] ?? '', letter] as const),
);

/** A witness that may see everything: whether it heard of the change, of the presence, and what is stored. */
const witness = async (name: string): Promise<Peer> => {
  const peer = new Peer(name, ADMIN);
  await peer.settle();
  return peer;
};

let made = 0;

/** Reads, then says all three things that could change something. */
const tryAll = async (who: string, name: string) => {
  const marker = `mark-${String(++made).padStart(4, '0')}-of-${who}`;
  const secret = `secret-${made}`;
  const admin = await witness(name);
  admin.say(sync(SYNC_MESSAGE.update, updateOf(name, admin.doc, secret)));
  await admin.settle();
  const peer = new Peer(name, tokens[who] ?? null);
  const code = await peer.settle();
  const reads = peer.has(secret);
  const first = updateOf(name, peer.doc, marker);
  const second = updateOf(name, peer.doc, `${marker}-2`);
  peer.say(sync(SYNC_MESSAGE.step2, first));
  peer.say(presenceOf(marker));
  peer.say(sync(SYNC_MESSAGE.update, second));
  const after = code ?? (await peer.settle());
  for (let turns = 0; turns < 3; turns++) await admin.settle();
  const late = await witness(name);
  return { marker, reads, peer, code: after, admin, late };
};

describe('/docs on real sockets', () => {
  it.each(CASES.filter(([, , letter]) => letter === 'w'))('[P15] %s writes %s', async (who, name) => {
    const { marker, reads, peer, code, admin, late } = await tryAll(who, name);
    expect(code).toBeNull();
    expect(reads).toBe(true);
    expect(peer.denied).toEqual([]);
    for (const seen of [admin, late]) expect(seen.has(marker)).toBe(true);
    // presence is for editors: a receiver changes its own document, and neither sees nor is seen
    expect(admin.present.join().includes(marker)).toBe(who !== 'receiver');
  });

  it.each(CASES.filter(([, , letter]) => letter === 'r'))(
    '[P15] %s reads %s; its step 2, update and presence change nothing, and it is told once',
    async (who, name) => {
      const { marker, reads, peer, code, admin, late } = await tryAll(who, name);
      expect(code).toBeNull();
      expect(reads).toBe(true);
      expect(peer.denied).toHaveLength(1);
      for (const seen of [admin, late]) expect(seen.has(marker)).toBe(false);
      expect(admin.present.join()).not.toContain(marker);
      // who edits is for editors
      admin.say(presenceOf('an editor is here'));
      await admin.settle();
      await peer.settle();
      expect(peer.present).toEqual([]);
    },
  );

  const refused = CASES.filter(([, , letter]) => letter !== 'w' && letter !== 'r');
  it.each(refused)('[P14] %s gets not a byte of %s (440%s)', async (who, name, letter) => {
    const peer = new Peer(name, tokens[who] ?? null);
    peer.say(sync(SYNC_MESSAGE.step1, Uint8Array.of(0)));
    expect(await peer.closed).toBe(4400 + Number(letter));
    expect(peer.frames).toBe(0);
  });

  it('[P14] makes no room for whom it refuses', async () => {
    const before = f.core.docs.size();
    const names = Array.from({ length: 50 }, (_, at) => `events/e1/receivers/guess-${at}`);
    const codes = await Promise.all(names.map((name) => new Peer(name, tokens['operator'] ?? null).closed));
    expect(new Set(codes)).toEqual(new Set([4404]));
    expect(f.core.docs.size()).toBeLessThanOrEqual(before);
  });
});
