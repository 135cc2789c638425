import type { Log, Random, Timers } from '@baton/schema/ports';
import { isPermanentClose } from '@baton/schema/protocol';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type BackoffOptions, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import { socketUrl } from '../connection/relay-url.ts';
import { beginDocLink, type DocLink, type DocLinkInput, docLinkOf, stepDocLink } from './doc-link.ts';
import { createDocProvider } from './doc-provider.ts';
import { encodeUpdateFrame } from './edit-socket.ts';
import type { CopyEvents, KeepCopy } from './local-copy.ts';
import { createRedial } from './redial.ts';

export interface DocClientDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** A browser's `WebSocket`, or Node's (`platform/node/doc-socket.ts`). */
  readonly WebSocket: typeof WebSocket;
  /** Calls when a try is worth while: the network is back, somebody looks. Returns the way to stop. */
  readonly onWake?: (listener: () => void) => () => void;
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
  /** Keeps the document on this device too; `createDeviceCopies` in browsers. */
  readonly keepCopy?: KeepCopy;
}

/** Begins to follow a document of the relay, into `doc` where one is given. */
export type FollowDoc = (name: string, doc?: Y.Doc) => FollowedClient;

/** What a program without presence needs of a document's client. */
export type FollowedClient = Omit<DocClient, 'awareness'>;

/** A document that follows its room at the relay, and can be edited meanwhile. */
export interface DocClient {
  readonly doc: Y.Doc;
  /** Who is here; nobody is told of this page until it sets its local state. */
  readonly awareness: Awareness;
  readonly link: () => DocLink;
  /** Whether the relay's state, or a copy on this device, has been merged in: until then empty does not mean empty. */
  readonly isLoaded: () => boolean;
  /** After each change of `link` or `isLoaded`. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  /** Tries at once, also after a refusal. */
  readonly connect: () => void;
  readonly close: () => void;
}

const docsUrl = (relay: string): string => {
  const url = socketUrl(relay, '/docs');
  if (!url.ok) throw new TypeError(url.error.message);
  return url.value;
};

/** Origin of changes that a copy on this device told: of themselves they are no edits. */
const FROM_COPY = { from: 'copy' };

/** Overwritten values are history, so nothing is collected. A page's client id is its own and is never stored. */
const newDoc = (): Y.Doc => new Y.Doc({ gc: false });

/**
 * Follows a document over the y-websocket protocol and comes back with full jitter. With a copy on this device the first try waits until that has
 * been told, so that everything it holds is in the answer to the relay's step 1.
 */
export const createDocClient = (deps: DocClientDeps, options: DocClientOptions): DocClient => {
  const { name, token } = options;
  const doc = options.doc ?? newDoc();
  const listeners = new Set<() => void>();
  let state = beginDocLink(options.keepCopy === undefined ? { type: 'none' } : { type: 'opening' });
  let loaded = false;
  let closed = false;

  const tell = (): void => {
    if (!closed) for (const listener of listeners) listener();
  };

  const apply = (input: DocLinkInput): void => {
    const { confirmed } = state;
    state = stepDocLink(state, input);
    if (state.confirmed > confirmed) copy?.settle(state.confirmed);
    tell();
  };

  const markLoaded = (): void => {
    if (loaded) return;
    loaded = true;
    tell();
  };

  const dial = (): void => {
    if (closed || provider.ws !== null) return; // over, or on its way already
    redial.stop();
    apply({ type: 'dialing' });
    provider.connect();
  };
  const redial = createRedial({ ...deps, dial }, options.backoff ?? DEFAULT_BACKOFF);
  const stopWaking = deps.onWake?.(redial.wake);

  const end = (code: number, reason: string): void => {
    if (closed) return;
    if (isPermanentClose(code)) {
      deps.log.warn('the relay refuses a document for good', { document: name, code, reason });
      return apply({ type: 'refused', reason: reason === '' ? `the relay refuses ${name} (${code})` : reason });
    }
    apply({ type: 'lost', reason: reason === '' ? `the connection ended (${code})` : reason });
    redial.later();
  };

  const arrive = (): void => {
    redial.settle();
    apply({ type: 'loaded' });
    markLoaded();
  };

  const provider = createDocProvider(
    doc,
    { url: docsUrl(options.relay), token, name, WebSocket: deps.WebSocket },
    {
      onOpened: () => apply({ type: 'opened' }),
      onLoaded: arrive,
      onSent: () => apply({ type: 'sent' }),
      onAnswered: () => apply({ type: 'answered' }),
      onSaved: (messages) => apply({ type: 'saved', messages }),
      onDenied: (reason) => apply({ type: 'denied', reason }),
      onClosed: end,
    },
  );

  /** An edit that waits for its predecessors is no change yet, so the provider does not send it: the relay may have them. */
  const mergeEdit = (update: Uint8Array): void => {
    const { sent } = state;
    Y.applyUpdate(doc, update, FROM_COPY);
    if (provider.wsconnected && state.sent === sent) provider.ws?.send(encodeUpdateFrame(update));
    apply({ type: 'edited' });
  };

  const fromCopy: CopyEvents = {
    onState: (update) => {
      if (closed) return;
      Y.applyUpdate(doc, update, FROM_COPY);
      markLoaded();
    },
    onEdits: (updates) => {
      if (!closed) for (const update of updates) mergeEdit(update);
    },
    onChange: () => {
      if (copy !== null) apply({ type: 'copy', copy: copy.state() });
    },
    encode: () => Y.encodeStateAsUpdate(doc),
  };
  const copy = options.keepCopy?.(name, fromCopy) ?? null;

  /** Runs after the provider's own listener, so that the edit's frame has been counted. */
  const noteChange = (update: Uint8Array, origin: unknown): void => {
    if (origin === FROM_COPY) return;
    if (origin === provider) return copy?.keepState(update);
    copy?.keepEdit(update);
    apply({ type: 'edited' });
  };
  doc.on('update', noteChange);
  if (copy === null) dial();
  else void copy.opened.then(dial);

  return {
    doc,
    awareness: provider.awareness,
    link: () => docLinkOf(state),
    isLoaded: () => loaded,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect: dial,
    close: () => {
      closed = true;
      redial.stop();
      stopWaking?.();
      doc.off('update', noteChange);
      provider.destroy();
      provider.awareness.destroy(); // it has a timer, and would wait for the document's end
      copy?.close();
      if (options.doc === undefined) doc.destroy();
    },
  };
};
