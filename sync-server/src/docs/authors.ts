import type { DocPeer } from './doc-peers.ts';

/** Who is just writing under which client id (decision 0007). */
export interface Authors {
  /** The peer has made a change under this id. The first of those who are connected keeps it. */
  readonly wrote: (peer: DocPeer, client: number) => void;
  /** Whether somebody with another token is just writing under it. */
  readonly isForeign: (peer: DocPeer, client: number) => boolean;
  readonly forget: (peer: DocPeer) => void;
}

/** A page has one id, and takes another when it meets its own elsewhere; a leading tab writes for the others of its browser. */
const IDS_PER_PEER = 64;

/**
 * An update under the client id of another would make the relay take that one's own next changes for known, and drop them.
 * Only as long as its author is connected is an id kept for it: afterwards whoever has its changes may bring them, as a
 * page does that was loaded anew, or a relay that was restored.
 */
export const createAuthors = (): Authors => {
  const writers = new Map<number, DocPeer>();
  const counts = new Map<DocPeer, number>();

  return {
    wrote: (peer, client) => {
      const count = counts.get(peer) ?? 0;
      if (writers.has(client) || count >= IDS_PER_PEER) return;
      writers.set(client, peer);
      counts.set(peer, count + 1);
    },
    isForeign: (peer, client) => {
      const writer = writers.get(client);
      return writer !== undefined && writer !== peer && writer.grant.tokenId !== peer.grant.tokenId;
    },
    forget: (peer) => {
      if (!counts.delete(peer)) return;
      for (const [client, writer] of writers) if (writer === peer) writers.delete(client);
    },
  };
};
