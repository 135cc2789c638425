import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { until } from './until.ts';

export interface OpenDocument {
  readonly doc: Y.Doc;
  /** Resolves once a second client, who joined for it, has all that this one has. */
  readonly passedOn: () => Promise<void>;
}

type End = (end: () => void) => void;

const join = async (url: string, token: string, name: string, onEnd: End): Promise<Y.Doc> => {
  class WithToken extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, { headers: { authorization: `Bearer ${token}` } });
    }
  }
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${url.replace(/^http/, 'ws')}/docs`, name, doc, {
    // ws differs from a browser's WebSocket only in events that the provider does not use
    WebSocketPolyfill: WithToken as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  onEnd(() => provider.destroy());
  await until(`${name} is synced`, () => provider.synced);
  return doc;
};

const isEqual = (a: Y.Doc, b: Y.Doc): boolean =>
  Buffer.from(Y.encodeStateVector(a)).equals(Buffer.from(Y.encodeStateVector(b)));

/** A document of the relay, by a stock y-websocket client. */
export const openDocument = async (url: string, token: string, name: string, onEnd: End): Promise<OpenDocument> => {
  const doc = await join(url, token, name, onEnd);
  return {
    doc,
    passedOn: async () => {
      const other = await join(url, token, name, onEnd);
      await until(`${name} is passed on`, () => isEqual(doc, other));
    },
  };
};
