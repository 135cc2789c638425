import type { Random } from '@baton/schema/ports';
import { BEARER_PREFIX, DOC_MESSAGE, readSaved, SUBPROTOCOL, SYNC_MESSAGE } from '@baton/schema/protocol';
import { signal } from '@preact/signals';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { FollowedDoc } from './followed-doc.ts';
import { beginLink, type LinkInput, linkOf, stepLink } from './link-state.ts';

export interface FollowDocOptions {
  /** Origin of the relay: `http:` or `https:`. */
  readonly url: string;
  readonly token: string;
  /** As `/docs/<name>` calls it. */
  readonly name: string;
}

/** Pages that lost one relay come back spread over this time at the latest. */
const MIN_BACKOFF_MS = 5000;
const MAX_BACKOFF_MS = 30_000;

const carriesEdits = (data: unknown): boolean =>
  data instanceof Uint8Array &&
  data[0] === DOC_MESSAGE.sync &&
  (data[1] === SYNC_MESSAGE.step2 || data[1] === SYNC_MESSAGE.update);

/** A WebSocket that tells of each frame which carries edits: what the relay's word "saved" is counted against. */
const tellingSocket = (onEdits: () => void): typeof WebSocket =>
  class extends WebSocket {
    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (carriesEdits(data)) onEdits();
      super.send(data);
    }
  };

/** Follows a document of the relay in a browser, over the y-websocket protocol. */
export const followDoc = (deps: { readonly random: Random }, options: FollowDocOptions): FollowedDoc => {
  const doc = new Y.Doc();
  let state = beginLink();
  const link = signal(linkOf(state));
  const loaded = signal(false);
  const apply = (input: LinkInput): void => {
    state = stepLink(state, input);
    link.value = linkOf(state);
    if (input.type === 'loaded') loaded.value = true;
  };

  const provider = new WebsocketProvider(`${options.url.replace(/^http/, 'ws')}/docs`, options.name, doc, {
    connect: false,
    disableBc: true,
    protocols: [SUBPROTOCOL, `${BEARER_PREFIX}${options.token}`],
    maxBackoffTime: MIN_BACKOFF_MS + deps.random.next() * (MAX_BACKOFF_MS - MIN_BACKOFF_MS),
    WebSocketPolyfill: tellingSocket(() => apply({ type: 'sent' })),
  });
  provider.messageHandlers[DOC_MESSAGE.saved] = (_encoder, decoder) => {
    apply({ type: 'saved', messages: readSaved(decoder).messages });
  };
  provider.on('status', ({ status }) => {
    if (status === 'connected') apply({ type: 'opened' });
  });
  provider.on('sync', (synced) => {
    if (synced) apply({ type: 'loaded' });
  });
  provider.on('connection-close', () => apply({ type: 'lost' }));
  provider.on('closed', ({ code, reason }) =>
    apply({ type: 'refused', reason: reason === '' ? `The relay refuses this document (${code}).` : reason }),
  );
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin !== provider) apply({ type: 'edited' });
  });
  provider.connect();

  return {
    doc,
    link,
    loaded,
    close: () => {
      provider.destroy();
      doc.destroy();
    },
  };
};
