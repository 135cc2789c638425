import { CLOSE, DOC_MESSAGE, readSaved, type SavedState } from '@baton/schema/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createEvent, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { until } from './doc-client.ts';

let relay: RelayFixture;
let operator: string;
let viewer: string;
beforeAll(async () => {
  relay = await startRelay();
  await createEvent(relay, 'e1');
  operator = await createToken(relay, 'operator', 'e1');
  viewer = await createToken(relay, 'viewer', 'e1');
});
afterAll(() => relay.close());

const providers: WebsocketProvider[] = [];
afterEach(() => {
  for (const provider of providers.splice(0)) {
    provider.destroy();
    provider.doc.destroy();
  }
});

/** `ws` behaves as the WebSocket of browsers in all that the provider uses; as a program it can set headers. */
const socketWith = (token: string) =>
  class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers: { Authorization: `Bearer ${token}` } });
    }
  } as unknown as typeof globalThis.WebSocket;

const provide = (name: string, options: ConstructorParameters<typeof WebsocketProvider>[3]): WebsocketProvider => {
  const url = `${relay.base.replace('http', 'ws')}/docs`;
  const provider = new WebsocketProvider(url, name, new Y.Doc(), { ...options, disableBc: true });
  providers.push(provider);
  return provider;
};

/** As a program does: the token in a header, stock messages only. */
const connect = (name: string, token: string): WebsocketProvider =>
  provide(name, { WebSocketPolyfill: socketWith(token) });

/** As a browser does, which cannot set headers: the token among the subprotocols. Keeps what it hears of saves. */
const connectAsBrowser = (name: string, token: string) => {
  const provider = provide(name, {
    protocols: ['baton.v1', `bearer.${token}`],
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  const saved: SavedState[] = [];
  provider.messageHandlers[DOC_MESSAGE.saved] = (_encoder, decoder) => {
    saved.push(readSaved(decoder));
  };
  return { provider, saved };
};

const closeOf = (provider: WebsocketProvider): Promise<number> =>
  new Promise((resolve) => {
    provider.once('connection-close', (event: { code: number } | null) => resolve(event?.code ?? 0));
  });

describe('a stock y-websocket client', () => {
  it('[P10] syncs with another', async () => {
    const a = connect('events/e1/setup', operator);
    const { provider: b } = connectAsBrowser('events/e1/setup', operator);
    await until(() => a.synced && b.synced);
    a.doc.getMap('races').set('from', 'a');
    await until(() => b.doc.getMap('races').get('from') === 'a');
    b.doc.getMap('races').delete('from');
    await until(() => !a.doc.getMap('races').has('from'));
    expect(a.doc.toJSON()).toEqual(b.doc.toJSON());
  });

  it('[P10] [P16] has lists and texts: together, offline, undone, and after it has come back', async () => {
    await createEvent(relay, 'e2');
    const token = await createToken(relay, 'operator', 'e2');
    const a = connect('events/e2/setup', token);
    const b = connect('events/e2/setup', token);
    await until(() => a.synced && b.synced);
    const closed: (CloseEvent | null)[] = [];
    const listen = (provider: WebsocketProvider): void =>
      void provider.on('connection-close', (event: CloseEvent | null) => event !== null && closed.push(event));
    const isSame = (): boolean =>
      JSON.stringify([a.doc.getArray('l'), a.doc.getText('t'), a.doc.getMap('m')]) ===
      JSON.stringify([b.doc.getArray('l'), b.doc.getText('t'), b.doc.getMap('m')]);
    a.doc.getText('t').insert(0, 'Start at ten 🏁');
    a.doc.getArray('l').push([1, { two: 2 }, 'three']);
    a.doc.getMap('m').set('list', Y.Array.from([new Y.Map([['k', new Y.Text('v')]]), 2]));
    await until(() => isSame() && b.doc.getMap('m').has('list'));
    b.disconnect();
    const undo = new Y.UndoManager([b.doc.getText('t'), b.doc.getArray('l')], { captureTimeout: 0 });
    for (let n = 0; n < 200; n++) {
      b.doc.getText('t').insert(n % 10, `b${n}`);
      b.doc.getArray('l').insert(1, [n]);
      a.doc.getText('t').insert(n % 7, `a${n} `);
      a.doc.getArray('l').insert(1, [-n]);
      if (n % 10 === 0) undo.undo();
    }
    a.doc.getArray('l').delete(20, 30);
    listen(a);
    listen(b);
    b.connect();
    await until(() => b.synced && isSame());
    expect(closed).toEqual([]);
    expect(a.doc.getArray('l').length).toBeGreaterThan(300);
  });

  it('shows who else is editing', async () => {
    const a = connect('events/e1/setup', operator);
    const b = connect('events/e1/setup', operator);
    await until(() => a.synced && b.synced);
    a.awareness.setLocalStateField('name', 'Ada');
    const names = () => [...b.awareness.getStates().values()].map((state) => state['name']);
    await until(() => names().includes('Ada'));
    a.disconnect();
    await until(() => !names().includes('Ada'));
  });

  it('[P15] may watch with a token that only reads', async () => {
    const writer = connect('events/e1/setup', operator);
    const watcher = connect('events/e1/setup', viewer);
    await until(() => writer.synced && watcher.synced);
    watcher.doc.getMap('races').set('forbidden', 1);
    writer.doc.getMap('races').set('allowed', 1);
    await until(() => watcher.doc.getMap('races').has('allowed'));
    expect(writer.doc.getMap('races').has('forbidden')).toBe(false);
  });

  it('[P11] hears what is saved when it takes message 110', async () => {
    const { provider, saved } = connectAsBrowser('events/e1/setup', operator);
    await until(() => provider.synced);
    provider.doc.getMap('races').set('k', 1);
    const mine = (): number => Y.decodeStateVector(Y.encodeStateVector(provider.doc)).get(provider.doc.clientID) ?? 0;
    const theirs = (): Map<number, number> => Y.decodeStateVector(saved.at(-1)?.stateVector ?? Uint8Array.of(0));
    await until(() => mine() > 0 && theirs().get(provider.doc.clientID) === mine());
  });

  it('[P10] [P12] brings days of work made offline, a roster and its corrections, in one frame', async () => {
    const PEOPLE = 8000;
    const a = connect('events/e1/roster', operator);
    a.disconnect();
    const people = a.doc.getMap('participants');
    a.doc.transact(() => {
      for (let n = 0; n < PEOPLE; n++)
        people.set(`#${n}`, { bib: `${n}`, lastName: `Muster ${n}`, club: 'LC Winterthur' });
    });
    for (let n = 0; n < 500; n++) people.set(`#${n}`, { bib: `${n}`, lastName: `Meier ${n}` });
    for (let n = 0; n < 50; n++) people.delete(`#${n * 3}`);
    const b = connect('events/e1/roster', operator);
    await until(() => b.synced);
    b.doc.getMap('participants').set('#1', { bib: '1', lastName: 'meanwhile' });
    a.connect();
    // made before the relay has what it hangs on
    people.set('#2', { bib: '2', lastName: 'at once' });
    const all = (): boolean =>
      b.doc.getMap('participants').size >= PEOPLE - 50 &&
      Buffer.from(Y.encodeStateVector(a.doc)).equals(Y.encodeStateVector(b.doc));
    await until(all);
    expect(b.doc.getMap('participants').toJSON()).toEqual(people.toJSON());
    expect(a.wsconnected).toBe(true);
    const c = connect('events/e1/roster', operator);
    await until(() => c.synced && c.doc.getMap('participants').size === people.size);
    expect(c.doc.getMap('participants').toJSON()).toEqual(people.toJSON());
  }, 180_000);

  it.each([
    ['no such document', 'events/nowhere/setup', (): string => operator, CLOSE.unknown],
    ['no document name', 'whatever', (): string => operator, CLOSE.unknown],
    ['a document it may not read', 'events/e1/roster', (): string => viewer, CLOSE.forbidden],
    ['a token that nobody has', 'events/e1/setup', (): string => 'wrong', CLOSE.unauthorized],
  ])('gives up for good on %s', async (_, name, token, code) => {
    const provider = connect(name, token());
    expect(await closeOf(provider)).toBe(code);
    expect(provider.shouldConnect).toBe(false);
  });

  it('[P17] loses its connection with its token', async () => {
    const made = await relay.ask('POST', '/api/v1/tokens', { body: { role: 'operator', eventId: 'e1' } });
    const { token, tokenId } = made.body as { token: string; tokenId: string };
    const provider = connect('events/e1/setup', token);
    await until(() => provider.synced);
    const closed = closeOf(provider);
    await relay.ask('DELETE', `/api/v1/tokens/${tokenId}`);
    expect(await closed).toBe(CLOSE.unauthorized);
  });
});
