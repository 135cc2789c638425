import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const PATIENCE_MS = 60_000;

/** A stock y-websocket client, with the token where Node can put it. */
const open = async (url, token, name) => {
  class WithToken extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { headers: { authorization: `Bearer ${token}` } });
    }
  }
  const doc = new Y.Doc();
  const base = `${url.replace(/^http/, 'ws')}/docs`;
  const provider = new WebsocketProvider(base, name, doc, { WebSocketPolyfill: WithToken, disableBc: true });
  await until(`${name} is synced`, () => provider.synced);
  return { doc, close: () => provider.destroy() };
};

const until = async (what, isTrue) => {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await delay(20);
  }
};

const isEqual = (a, b) => Buffer.from(Y.encodeStateVector(a)).equals(Buffer.from(Y.encodeStateVector(b)));

/** Edits a document of the relay as an operator does; resolves when a second client sees the edit. */
export const editDocument = async (url, token, name, edit) => {
  const mine = await open(url, token, name);
  const other = await open(url, token, name);
  mine.doc.transact(() => edit(mine.doc));
  await until(`${name} is passed on`, () => isEqual(mine.doc, other.doc));
  mine.close();
  other.close();
};
