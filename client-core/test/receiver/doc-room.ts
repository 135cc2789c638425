import * as Y from 'yjs';
import type { FollowDoc, FollowedClient } from '../../src/doc/doc-client.ts';
import type { DocLink } from '../../src/doc/doc-link.ts';

/** A document at a relay that can be away, or refuse. */
export interface DocRoom {
  /** As the relay has it; an edit of it is another person's. */
  readonly doc: Y.Doc;
  readonly followDoc: FollowDoc;
  readonly setLink: (link: 'online' | 'offline' | 'refused') => void;
}

interface Follower {
  readonly step: () => void;
  readonly pass: (update: Uint8Array) => void;
}

const NOTHING_WAITS = { unsaved: false, keeping: { type: 'none' } } as const;

const linkOf = (link: 'online' | 'offline' | 'refused'): DocLink => {
  switch (link) {
    case 'online':
      return { type: 'synced', ...NOTHING_WAITS };
    case 'offline':
      return { type: 'offline', reason: 'away', ...NOTHING_WAITS };
    case 'refused':
      return { type: 'refused', reason: 'this token does not allow that document', ...NOTHING_WAITS };
  }
};

const merge = (from: Y.Doc, to: Y.Doc, origin: unknown): void =>
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), origin);

/** Syncs like the relay does: all that each side lacks when the link comes up, then each update. */
export const createDocRoom = (): DocRoom => {
  const room = new Y.Doc();
  const followers = new Set<Follower>();
  let link: 'online' | 'offline' | 'refused' = 'offline';

  const followDoc: FollowDoc = (_name, given) => {
    const doc = given ?? new Y.Doc();
    const listeners = new Set<() => void>();
    const origin = {};
    let loaded = false;
    const step = (): void => {
      if (link === 'online') {
        merge(room, doc, origin);
        merge(doc, room, origin);
        loaded = true;
      }
      for (const listener of listeners) listener();
    };
    const send = (update: Uint8Array, from: unknown): void => {
      if (link === 'online' && from !== origin) Y.applyUpdate(room, update, origin);
    };
    const follower: Follower = { step, pass: (update) => link === 'online' && Y.applyUpdate(doc, update, origin) };
    doc.on('update', send);
    followers.add(follower);
    step();
    const client: FollowedClient = {
      doc,
      link: () => linkOf(link),
      isLoaded: () => loaded,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      connect: step,
      close: () => {
        followers.delete(follower);
        doc.off('update', send);
      },
    };
    return client;
  };

  room.on('update', (update: Uint8Array) => {
    for (const follower of followers) follower.pass(update);
  });
  return {
    doc: room,
    followDoc,
    setLink: (next) => {
      link = next;
      for (const follower of followers) follower.step();
    },
  };
};
