import { ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { type PreparedFrame, prepareFrame } from '../transport/prepared-frame.ts';
import {
  type AwarenessEntry,
  createAwarenessTable,
  decodeAwareness,
  encodeAwareness,
  type Identity,
  stampEntry,
} from './awareness.ts';
import type { DocPeer, DocPeers } from './doc-peers.ts';
import { type BadFrame, encodeAwarenessFrame } from './frames.ts';

/** Who a peer is to the other editors; null when it is none: only people who set the race up see each other. */
export const identityOf = ({ role, label }: Grant, canWrite: boolean): Identity | null =>
  canWrite && (role === 'admin' || role === 'operator') ? { name: label ?? role, role } : null;

/** Who edits a document and what they say of themselves, among the editors only. */
export interface DocPresence {
  /** Takes what a peer says of itself; of others it is nobody's to speak. */
  readonly take: (peer: DocPeer, update: Uint8Array) => Result<void, BadFrame>;
  /** Tells the peer who is here. */
  readonly show: (peer: DocPeer) => void;
  readonly leave: (peer: DocPeer) => void;
}

interface Changed {
  readonly peer: DocPeer;
  readonly entry: AwarenessEntry;
}

const frameOf = (entries: readonly AwarenessEntry[]): PreparedFrame =>
  prepareFrame(encodeAwarenessFrame(encodeAwareness(entries)));

/**
 * What changes within a turn of the event loop is told in one frame, of each editor only the last. The name and role in
 * a state are the relay's, from the token: whatever a client claims there is overwritten.
 */
export const createDocPresence = (deps: {
  readonly peers: Pick<DocPeers, 'all' | 'send'>;
  readonly afterTurn: (run: () => void) => void;
}): DocPresence => {
  const table = createAwarenessTable<DocPeer>();
  const changed = new Map<number, Changed>();

  const tell = (): void => {
    const all = [...changed.values()];
    changed.clear();
    const frame = frameOf(all.map(({ entry }) => entry));
    const isNews = (peer: DocPeer): boolean => peer.identity !== null && all.some((it) => it.peer !== peer);
    for (const peer of deps.peers.all()) if (isNews(peer)) deps.peers.send(peer, frame);
  };

  const note = (peer: DocPeer, entries: readonly AwarenessEntry[]): void => {
    if (entries.length > 0 && changed.size === 0) deps.afterTurn(tell);
    for (const entry of entries) changed.set(entry.clientId, { peer, entry });
  };

  return {
    take: (peer, update) => {
      const { identity } = peer;
      if (identity === null) return ok(undefined);
      const entries = decodeAwareness(update);
      if (!entries.ok) return entries;
      const stamped = entries.value.map((entry) => stampEntry(entry, identity));
      note(peer, table.take(peer, stamped));
      return ok(undefined);
    },
    show: (peer) => {
      const present = peer.identity === null ? [] : table.present();
      if (present.length > 0) deps.peers.send(peer, frameOf(present));
    },
    leave: (peer) => note(peer, table.leave(peer)),
  };
};
