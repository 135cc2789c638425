import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import {
  BEARER_PREFIX,
  DOC_MESSAGE,
  isPermanentClose,
  readSaved,
  SUBPROTOCOL,
  SYNC_MESSAGE,
} from '@baton/schema/protocol';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { type BackoffOptions, backoffDelay, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import { socketUrl } from '../connection/relay-url.ts';
import { beginDocLink, type DocLink, type DocLinkInput, docLinkOf, stepDocLink } from './doc-link.ts';

export interface DocClientDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** A browser's `WebSocket`, or Node's (`platform/node/doc-socket.ts`). */
  readonly WebSocket: typeof WebSocket;
}

export interface DocClientOptions {
  /** Address of the relay, as `socketUrl` accepts it. */
  readonly relay: string;
  readonly token: string;
  /** As `/docs/<name>` calls it. */
  readonly name: string;
  /** A document that is kept elsewhere, and outlives the client; else the client makes its own. */
  readonly doc?: Y.Doc;
  readonly backoff?: BackoffOptions;
  /** Keeps the document on this device too; `indexedDbCopy` in browsers. */
  readonly keepCopy?: KeepCopy;
}

/** Begins to follow a document of the relay, into `doc` where one is given. */
export type FollowDoc = (name: string, doc?: Y.Doc) => DocClient;

/** Loads what this device holds of a document and stores what changes. */
export type KeepCopy = (name: string, doc: Y.Doc) => LocalCopy;

export interface LocalCopy {
  /** Origin of its own changes to the document: they are no edits. */
  readonly origin: unknown;
  /** What was held has been merged in. */
  readonly loaded: Promise<void>;
  readonly close: () => void;
}

/** A document that follows its room at the relay, and can be edited meanwhile. */
export interface DocClient {
  readonly doc: Y.Doc;
  readonly link: () => DocLink;
  /** Whether the relay's state, or a copy on this device, has been merged in: until then empty does not mean empty. */
  readonly isLoaded: () => boolean;
  /** After each change of `link` or `isLoaded`. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  /** Tries at once, also after a refusal. */
  readonly connect: () => void;
  readonly close: () => void;
}

const carriesEdits = (data: unknown): boolean =>
  data instanceof Uint8Array &&
  data[0] === DOC_MESSAGE.sync &&
  (data[1] === SYNC_MESSAGE.step2 || data[1] === SYNC_MESSAGE.update);

/** Tells of each frame which carries edits: what the relay's word "saved" is counted against. */
const tellingSocket = (Socket: typeof WebSocket, onEdits: () => void): typeof WebSocket =>
  class extends Socket {
    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (carriesEdits(data)) onEdits();
      super.send(data);
    }
  };

const docsUrl = (relay: string): string => {
  const url = socketUrl(relay, '/docs');
  if (!url.ok) throw new TypeError(url.error.message);
  return url.value;
};

/**
 * Follows a document over the y-websocket protocol. The provider's own reconnection has no jitter, so it is
 * switched off after each close and done here: full jitter, up to the back-off's cap.
 */
export const createDocClient = (deps: DocClientDeps, options: DocClientOptions): DocClient => {
  const { timers, random, log } = deps;
  const { name, token, backoff = DEFAULT_BACKOFF } = options;
  const doc = options.doc ?? new Y.Doc();
  const listeners = new Set<() => void>();
  let state = beginDocLink();
  let loaded = false;
  let attempt = 0;
  let retry: Timer | null = null;
  let closed = false;

  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const apply = (input: DocLinkInput): void => {
    state = stepDocLink(state, input);
    tell();
  };

  const markLoaded = (): void => {
    if (loaded || closed) return;
    loaded = true;
    tell();
  };

  const provider = new WebsocketProvider(docsUrl(options.relay), name, doc, {
    connect: false,
    disableBc: true,
    protocols: [SUBPROTOCOL, `${BEARER_PREFIX}${token}`],
    WebSocketPolyfill: tellingSocket(deps.WebSocket, () => apply({ type: 'sent' })),
  });
  provider.messageHandlers[DOC_MESSAGE.saved] = (_encoder, decoder) => {
    apply({ type: 'saved', messages: readSaved(decoder).messages });
  };

  const dial = (): void => {
    if (closed) return;
    retry?.clear();
    apply({ type: 'dialing' });
    provider.connect();
  };

  /** The provider looks at `shouldConnect` when its own timer fires: it then does nothing. */
  const end = (code: number, reason: string): void => {
    provider.shouldConnect = false;
    if (closed) return;
    if (isPermanentClose(code)) {
      log.warn('the relay refuses a document for good', { document: name, code, reason });
      return apply({ type: 'refused', reason: reason === '' ? `the relay refuses ${name} (${code})` : reason });
    }
    apply({ type: 'lost', reason: reason === '' ? `the connection ended (${code})` : reason });
    retry = timers.after(backoffDelay(attempt++, random.next(), backoff), dial);
  };

  provider.on('status', ({ status }) => {
    if (status === 'connected') apply({ type: 'opened' });
  });
  provider.on('sync', (synced) => {
    if (!synced) return;
    attempt = 0;
    apply({ type: 'loaded' });
    markLoaded();
  });
  provider.on('connection-close', (event) => end(event?.code ?? 1006, event?.reason ?? 'the relay fell silent'));
  const copy = options.keepCopy?.(name, doc) ?? null;
  const noteEdit = (_update: Uint8Array, origin: unknown): void => {
    if (origin !== provider && origin !== copy?.origin) apply({ type: 'edited' });
  };
  doc.on('update', noteEdit);
  copy?.loaded.then(markLoaded, (error: unknown) => {
    log.warn('the copy on this device cannot be used', { document: name, error: String(error) });
  });
  provider.awareness.setLocalState(null); // presence is for editors; who wants it sets it
  dial();

  return {
    doc,
    link: () => docLinkOf(state),
    isLoaded: () => loaded,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect: dial,
    close: () => {
      closed = true;
      retry?.clear();
      doc.off('update', noteEdit);
      provider.destroy();
      provider.awareness.destroy(); // it has a timer, and would wait for the document's end
      copy?.close();
      if (options.doc === undefined) doc.destroy();
    },
  };
};
