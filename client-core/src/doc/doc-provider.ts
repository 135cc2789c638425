import {
  BEARER_PREFIX,
  DOC_MESSAGE,
  PERMISSION_DENIED,
  readSaved,
  SUBPROTOCOL,
  SYNC_MESSAGE,
} from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import { WebsocketProvider } from 'y-websocket';
import type * as Y from 'yjs';
import { ABNORMAL_CLOSE } from '../connection/socket.ts';
import { editSocket } from './edit-socket.ts';

export interface DocProviderOptions {
  /** Of `/docs`; without the token. */
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly WebSocket: typeof WebSocket;
}

export interface DocProviderEvents {
  readonly onOpened: () => void;
  /** The relay's state has been merged in. */
  readonly onLoaded: () => void;
  /** A frame with edits went out. */
  readonly onSent: () => void;
  /** All that the relay lacked went out. */
  readonly onAnswered: () => void;
  /** So many frames with edits of this connection are on the relay's disk. */
  readonly onSaved: (messages: number) => void;
  /** The relay drops the edits of this connection. */
  readonly onDenied: (reason: string) => void;
  readonly onClosed: (code: number, reason: string) => void;
}

/** Null: an auth message of a later relay. */
const readDenial = (decoder: decoding.Decoder): string | null =>
  decoding.readVarUint(decoder) === PERMISSION_DENIED ? decoding.readVarString(decoder) : null;

const SYNC_KINDS: ReadonlySet<number> = new Set(Object.values(SYNC_MESSAGE));

/** y-protocols throws at a sync message that it does not know, in the middle of the socket's event. */
const passOverUnknownSync = (provider: WebsocketProvider): void => {
  const { [DOC_MESSAGE.sync]: takeSync } = provider.messageHandlers;
  provider.messageHandlers[DOC_MESSAGE.sync] = (encoder, decoder, ...rest) => {
    if (SYNC_KINDS.has(decoding.peekVarUint(decoder))) takeSync?.(encoder, decoder, ...rest);
  };
};

/**
 * The y-websocket provider, not connected yet, with a token beside its URL, the relay's word on what is saved, and
 * frames of a size that the relay takes. It does not come back by itself: its own way has no jitter. Its
 * BroadcastChannel is off: it goes by the URL alone and would show one person's documents to another.
 */
export const createDocProvider = (
  doc: Y.Doc,
  { url, token, name, WebSocket }: DocProviderOptions,
  events: DocProviderEvents,
): WebsocketProvider => {
  const provider = new WebsocketProvider(url, name, doc, {
    connect: false,
    disableBc: true,
    protocols: [SUBPROTOCOL, `${BEARER_PREFIX}${token}`],
    WebSocketPolyfill: editSocket(WebSocket, events),
  });
  provider.messageHandlers[DOC_MESSAGE.saved] = (_encoder, decoder) => events.onSaved(readSaved(decoder).messages);
  provider.messageHandlers[DOC_MESSAGE.auth] = (_encoder, decoder) => {
    const reason = readDenial(decoder);
    if (reason !== null) events.onDenied(reason);
  };
  passOverUnknownSync(provider);
  provider.on('status', ({ status }) => {
    if (status === 'connected') events.onOpened();
  });
  provider.on('sync', (synced) => {
    if (synced) events.onLoaded();
  });
  provider.on('connection-close', (event) => {
    provider.shouldConnect = false; // it looks at this when its own timer fires, and then does nothing
    events.onClosed(event?.code ?? ABNORMAL_CLOSE, event?.reason ?? 'the relay fell silent');
  });
  provider.awareness.setLocalState(null); // presence is for editors; who wants it sets it
  return provider;
};
