import type { EventId, TokenId } from '@baton/schema/ids';
import type { Clock, Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { TokenRecord } from '../storage/records.ts';
import type { NodeKey } from '../storage/store.ts';
import type { PeerSocket } from './peer-socket.ts';

/** Every open socket of the relay, whatever it speaks. */
export interface Connections {
  /** Ends every open connection of a token (4401). */
  readonly dropToken: (tokenId: TokenId) => void;
  /** Ends every open connection whose token stands for this node (4403). */
  readonly dropNode: (node: NodeKey, reason: string) => void;
  /** Open sockets by role. */
  readonly countByRole: () => ReadonlyMap<TokenRecord['role'], number>;
  /** What sockets were sent and the network has not taken, by role. */
  readonly unsentByRole: () => ReadonlyMap<TokenRecord['role'], Unsent>;
  /** Open sockets by token; those of the admin token given at start are left out. */
  readonly countByToken: () => ReadonlyMap<TokenId, number>;
  /** Open sockets of one token, and of one event's tokens; known without counting. */
  readonly ofToken: (tokenId: TokenId) => number;
  readonly ofEvent: (eventId: EventId) => number;
}

export interface Unsent {
  readonly bytes: number;
  /** Sockets that take so little that they are sent nothing more before they do. */
  readonly slow: number;
}

/** A revoked or expired grant keeps a socket at most this long; the contract allows 5 s. */
const EXPIRY_SWEEP_MS = 1000;

/** A peer with more than this unsent is slow: what feeds it waits until it drains. */
const SLOW_BYTES = 1024 * 1024;

interface Open {
  readonly grant: Grant;
  readonly socket: PeerSocket;
}

export interface ConnectionTable extends Connections {
  readonly add: (grant: Grant, socket: PeerSocket) => void;
  readonly remove: (socket: PeerSocket) => void;
  readonly closeAll: (code: number, reason: string) => void;
  readonly stop: () => void;
}

/** How many there are of each key; a key without any takes no memory. */
const createTally = <K>() => {
  const counts = new Map<K, number>();
  const add = (key: K | null, by: 1 | -1): void => {
    if (key === null) return;
    const count = (counts.get(key) ?? 0) + by;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  };
  return { add, of: (key: K): number => counts.get(key) ?? 0, all: (): ReadonlyMap<K, number> => counts };
};

const unsentOf = (opens: Iterable<Open>): ReadonlyMap<Grant['role'], Unsent> => {
  const found = new Map<Grant['role'], Unsent>();
  for (const { grant, socket } of opens) {
    const { bytes, slow } = found.get(grant.role) ?? { bytes: 0, slow: 0 };
    const unsent = socket.bufferedAmount();
    found.set(grant.role, { bytes: bytes + unsent, slow: slow + (unsent > SLOW_BYTES ? 1 : 0) });
  }
  return found;
};

/** Knows every open socket with its grant, and ends those whose grant has ended. */
export const createConnections = (deps: { readonly clock: Clock; readonly timers: Timers }): ConnectionTable => {
  const open = new Map<PeerSocket, Open>();
  const byRole = createTally<Grant['role']>();
  const byToken = createTally<TokenId>();
  const byEvent = createTally<EventId>();

  const count = ({ role, tokenId, eventId }: Grant, by: 1 | -1): void => {
    byRole.add(role, by);
    byToken.add(tokenId, by);
    byEvent.add(eventId, by);
  };

  const remove = (socket: PeerSocket): void => {
    const known = open.get(socket);
    if (known !== undefined) count(known.grant, -1);
    open.delete(socket);
  };

  const closeWhere = (which: (grant: Grant) => boolean, reason: string, code: number = CLOSE.unauthorized): void => {
    for (const { grant, socket } of [...open.values()]) if (which(grant)) socket.close(code, reason);
  };
  const sweep = deps.timers.every(EXPIRY_SWEEP_MS, () => {
    const now = deps.clock.now();
    closeWhere((grant) => grant.expiresAt !== null && grant.expiresAt <= now, 'the token has expired');
  });

  return {
    add: (grant, socket) => {
      remove(socket);
      count(grant, 1);
      open.set(socket, { grant, socket });
    },
    remove,
    dropToken: (tokenId) => closeWhere((grant) => grant.tokenId === tokenId, 'the token was revoked'),
    dropNode: ({ nodeId, eventId }, reason) =>
      closeWhere((grant) => grant.nodeId === nodeId && grant.eventId === eventId, reason, CLOSE.forbidden),
    countByRole: byRole.all,
    unsentByRole: () => unsentOf(open.values()),
    countByToken: byToken.all,
    ofToken: byToken.of,
    ofEvent: byEvent.of,
    closeAll: (code, reason) => {
      for (const { socket } of [...open.values()]) socket.close(code, reason);
    },
    stop: sweep.clear,
  };
};
