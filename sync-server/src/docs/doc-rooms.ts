import { parseDocName } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import type { Clock } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { Result } from '@baton/schema/result';
import type * as Y from 'yjs';
import type { Grant } from '../auth/grant.ts';
import type { Quotas } from '../limits/quotas.ts';
import type { Attachments } from '../nodes/attachments.ts';
import type { Registry } from '../registry/registry.ts';
import type { Change } from '../storage/store.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { sharePause } from '../transport/shared-pause.ts';
import { askerFields } from '../watching/asker.ts';
import { admit, type DocJoin } from './admission.ts';
import type { CompactionBounds } from './compaction-decision.ts';
import { createDocBrake, type DocBrake, type SendLimits, sendLimitsOf } from './doc-brake.ts';
import { createDocCache } from './doc-cache.ts';
import { startJoining } from './doc-joining.ts';
import { meterUpdates } from './doc-meter.ts';
import type { DocPeer } from './doc-peers.ts';
import { identityOf } from './doc-presence.ts';
import { type DocRoom, type DocRoomDeps, openDocRoom } from './doc-room.ts';
import { createWorkTurns } from './gate/work-turns.ts';
import { createTokenUse, type TokenUseLimits } from './token-use.ts';

/** Yjs documents by name, each loaded once and freed when nobody holds it. */
export interface DocRooms {
  /** Loads (single flight) and holds a document; `release` it when done. Only names that `parseDocName` took. */
  readonly hold: (name: string) => Promise<HeldDoc>;
  /** A connection to `/docs/<name>`; it is closed with its reason when it may not be. */
  readonly join: (socket: PeerSocket, request: DocJoin) => void;
  /** Number of documents in memory. */
  readonly size: () => number;
  /** Number of connections to documents. */
  readonly sockets: () => number;
  /** Called after each change of any document, with its name. Returns the way to stop. */
  readonly onChange: (listener: (name: string) => void) => () => void;
  readonly close: () => Promise<void>;
}

export interface HeldDoc {
  readonly name: string;
  /** The document as it is now: another object after it had to be read again from disk. Changed by `edit` only. */
  readonly doc: Y.Doc;
  /** Runs a change by the relay itself; resolves when it is durable. Other holders see it at once. */
  readonly edit: (change: (doc: Y.Doc) => void) => Promise<Result<void, Refusal>>;
  /** Called after each applied update, by whomever. */
  readonly onUpdate: (listener: () => void) => () => void;
  readonly release: () => void;
}

export interface DocRoomsOptions {
  /** Each connection gets a frame at least this often: y-websocket drops one that is silent for 30 s. */
  readonly keepAliveMs: number;
  /** A document that nobody uses stays in memory this long. */
  readonly idleMs: number;
  readonly compaction: CompactionBounds;
  /** Bytes a connection may leave undrained, beside the answer to its own step 1. */
  readonly maxBufferedBytes: number;
  /** Changes that come within this time are written to the sockets together. */
  readonly gatherMs: number;
  /** What a connection that may write may send, and one that may not. */
  readonly editors: SendLimits;
  readonly readers: SendLimits;
  readonly tokens: TokenUseLimits;
}

export const DOC_ROOMS_DEFAULTS: DocRoomsOptions = {
  keepAliveMs: 20_000,
  idleMs: 10_000,
  compaction: { afterRows: 500, afterBytes: 256 * 1024, quietMs: 10_000, maxRows: 10_000 },
  maxBufferedBytes: 1024 * 1024,
  gatherMs: 1,
  editors: sendLimitsOf(1000, 4 * 1024 * 1024),
  readers: sendLimitsOf(20, 64 * 1024),
  tokens: { connections: 1024, joins: { perSecond: 100, burst: 2000 } },
};

export interface DocRoomsDeps extends Omit<DocRoomDeps, 'compaction' | 'maxBufferedBytes' | 'gatherMs' | 'turns'> {
  readonly registry: Pick<Registry, 'event' | 'token' | 'tokens' | 'onChange'>;
  readonly attachments: Pick<Attachments, 'refuseWrite' | 'isRevoked'>;
  readonly clock: Clock;
  readonly takeBytes: Quotas['takeBytes'];
}

/**
 * A document's socket tells no version: a node's is the one it attached with. A token of people stands for no node, and
 * their pages come from the relay itself.
 */
const refuseWriteOf = ({ attachments }: DocRoomsDeps, { nodeId, eventId }: Grant) => {
  if (nodeId === null || eventId === null) return () => null;
  return () => attachments.refuseWrite({ nodeId, eventId });
};

const createPeer = (deps: DocRoomsDeps, socket: PeerSocket, join: DocJoin, canWrite: boolean): DocPeer => ({
  socket,
  grant: join.grant,
  canWrite,
  identity: identityOf(join.grant, canWrite),
  refuseWrite: refuseWriteOf(deps, join.grant),
  confirmsSaves: join.confirmsSaves,
  isLink: join.isLink,
  received: 0,
  denied: false,
  allowance: 0,
  lastSentAt: deps.timers.mono(),
});

/** How fast a connection may send, and how much of it is kept within a day. */
const createBrake = (
  deps: DocRoomsDeps,
  socket: PeerSocket,
  { grant, name }: DocJoin,
  limits: SendLimits,
): DocBrake => {
  const eventId = parseDocName(name)?.eventId ?? null;
  return meterUpdates(createDocBrake(socket, limits, deps.timers), (bytes) => {
    const usedUp = deps.takeBytes(grant, eventId, bytes, 'edits');
    if (usedUp === null) return true;
    deps.onRefused(usedUp.code);
    socket.close(CLOSE.tryLater, `${usedUp.code}: ${usedUp.message}`);
    return false;
  });
};

/** Documents by name, and the connections to them. */
export const createDocRooms = (deps: DocRoomsDeps, overrides: Partial<DocRoomsOptions> = {}): DocRooms => {
  const options = { ...DOC_ROOMS_DEFAULTS, ...overrides };
  const listeners = new Set<(name: string) => void>();
  const turns = createWorkTurns(deps);
  const cache = createDocCache({
    ...deps,
    idleMs: options.idleMs,
    open: (name, events) => openDocRoom({ ...deps, ...options, turns }, events, name),
    onChanged: (name) => {
      for (const listener of [...listeners]) listener(name);
    },
  });
  const tokenUse = createTokenUse(options.tokens, deps.timers);
  let closed = false;

  const hold = async (name: string): Promise<HeldDoc> => {
    if (closed || parseDocName(name) === null) throw new Error(`no document ${JSON.stringify(name)} can be held`);
    const used = cache.use(name);
    try {
      const room = await used.room;
      return {
        name,
        get doc() {
          return room.doc();
        },
        edit: room.edit,
        onUpdate: used.onUpdate,
        release: used.release,
      };
    } catch (error) {
      used.release();
      throw error;
    }
  };

  /** Lets the connection in when it may be, else closes it. */
  const tryAdmit = (socket: PeerSocket, join: DocJoin): { readonly canWrite: boolean } | null => {
    const admission = admit(join, deps, deps.clock.now());
    if (admission.type === 'admitted') return admission;
    deps.onRefused(admission.code, { via: 'docs', ...askerFields(join.grant) });
    socket.close(admission.close, admission.reason);
    return null;
  };

  const attend = async (socket: PeerSocket, join: DocJoin, limits: SendLimits, onLeft: () => void): Promise<void> => {
    const share = sharePause(socket);
    const joining = startJoining(socket, createBrake(deps, share(), join, limits), onLeft);
    const used = cache.use(join.name);
    let room: DocRoom;
    try {
      room = await used.room;
    } catch {
      // logged where it was loaded
      used.release();
      return socket.close(CLOSE.tryLater, 'the document cannot be loaded');
    }
    const admitted = joining.hasLeft() || closed ? null : tryAdmit(socket, join);
    if (admitted === null) return used.release();
    const peer = createPeer(deps, share(), join, admitted.canWrite);
    room.add(peer);
    joining.arrive({
      receive: (frame) => room.receive(peer, frame),
      leave: () => {
        room.remove(peer);
        used.release();
      },
    });
  };

  const forgetEvent = (eventId: EventId): void => {
    void cache.drop(
      (name) => parseDocName(name)?.eventId === eventId,
      (room) => room.closePeers(CLOSE.unknown, 'the event was deleted'),
    );
  };

  const follow = (changes: readonly Change[]): void => {
    for (const change of changes) {
      if (change.type === 'deleteEvent') forgetEvent(change.eventId);
    }
  };

  const stopFollowing = deps.registry.onChange(follow);
  // looked at each quarter, sent to after three quarters of silence: never later than the whole
  const keepingAlive = deps.timers.every(options.keepAliveMs / 4, () => {
    for (const room of cache.rooms()) room.keepAlive(options.keepAliveMs * 0.75);
  });

  return {
    hold,
    join: (socket, join) => {
      if (closed) return socket.close(CLOSE.shuttingDown, 'the relay is shutting down');
      const admitted = tryAdmit(socket, join);
      if (admitted === null) return;
      const entry = tokenUse.enter(join.grant);
      if (entry.type === 'entered') {
        return void attend(socket, join, admitted.canWrite ? options.editors : options.readers, entry.leave);
      }
      deps.onRefused('RATE_LIMITED', { via: 'docs', ...askerFields(join.grant) });
      socket.close(entry.close, entry.reason);
    },
    size: cache.size,
    sockets: () => cache.rooms().reduce((sum, room) => sum + room.peers(), 0),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closed = true;
      keepingAlive.clear();
      stopFollowing();
      await cache.drop(
        () => true,
        (room) => room.closePeers(CLOSE.shuttingDown, 'the relay is shutting down'),
      );
    },
  };
};
