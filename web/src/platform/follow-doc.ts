import { createDocClient, type DocClientDeps, type DocClientOptions, type DocLink } from '@baton/client-core';
import { signal } from '@preact/signals';
import type { FollowedDoc } from './followed-doc.ts';

/** A try to come back is no news: it stays offline on show until it has succeeded. */
const shown = (before: DocLink, now: DocLink): DocLink => {
  if (before.type !== 'offline' || now.type !== 'connecting') return now;
  return { type: 'offline', reason: before.reason, unsaved: now.unsaved, keeping: now.keeping };
};

/** Follows a document of the relay, as signals. */
export const followDoc = (deps: DocClientDeps, options: DocClientOptions): FollowedDoc => {
  const client = createDocClient(deps, options);
  const link = signal(client.link());
  const loaded = signal(client.isLoaded());
  const stop = client.onChange(() => {
    link.value = shown(link.peek(), client.link());
    loaded.value = client.isLoaded();
  });
  return {
    doc: client.doc,
    link,
    loaded,
    close: () => {
      stop();
      client.close();
    },
  };
};
