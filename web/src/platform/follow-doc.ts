import {
  createDocClient,
  createPresence,
  type DocClientDeps,
  type DocClientOptions,
  type DocLink,
  type Present,
} from '@baton/client-core';
import { signal } from '@preact/signals';
import type { PresentDoc } from './followed-doc.ts';

/** A try to come back is no news: it stays offline on show until it has succeeded. */
const shown = (before: DocLink, now: DocLink): DocLink => {
  if (before.type !== 'offline' || now.type !== 'connecting') return now;
  return { type: 'offline', reason: before.reason, unsaved: now.unsaved, keeping: now.keeping };
};

/** Syncing after these is a new connection; after `synced` it is an edit. */
const isBeforeSync = ({ type }: DocLink): boolean => type === 'connecting' || type === 'offline';

/** Follows a document of the relay, as signals. */
export const followDoc = (deps: DocClientDeps, options: DocClientOptions): PresentDoc => {
  const client = createDocClient(deps, options);
  const link = signal(client.link());
  const loaded = signal(client.isLoaded());
  const presence = createPresence(client.awareness, deps.timers);
  const others = signal<readonly Present[]>([]);
  const stopPresence = presence.onChange(() => {
    others.value = presence.others();
  });
  const stop = client.onChange(() => {
    if (client.link().type === 'syncing' && isBeforeSync(link.peek())) presence.renew();
    link.value = shown(link.peek(), client.link());
    loaded.value = client.isLoaded();
  });
  return {
    doc: client.doc,
    link,
    loaded,
    presence: { others, say: presence.say },
    close: () => {
      stop();
      stopPresence();
      presence.close();
      client.close();
    },
  };
};
