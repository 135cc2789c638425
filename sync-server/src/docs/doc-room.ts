import { type Refusal, refusal } from '@baton/schema/errors';
import type { Log, Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type * as Y from 'yjs';
import type { Store } from '../storage/store.ts';
import type { PreparedFrame } from '../transport/prepared-frame.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import type { CompactionBounds } from './compaction-decision.ts';
import type { EndOfUse } from './doc-compactor.ts';
import { createDocDispatch } from './doc-dispatch.ts';
import { createDocPeers, type DocPeer } from './doc-peers.ts';
import type { WorkTurns } from './gate/work-turns.ts';
import { type LiveDoc, openLiveDoc } from './live-doc.ts';
import { createSavedAnnouncer } from './saved-announcer.ts';

export interface DocRoomDeps {
  readonly store: Pick<Store, 'loadDoc' | 'appendDoc' | 'compactDoc'>;
  readonly timers: Timers;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
  /** What all documents share of the event loop. */
  readonly turns: WorkTurns;
  readonly log: Log;
  readonly compaction: CompactionBounds;
  readonly maxBufferedBytes: number;
  readonly gatherMs: number;
  /** The relay must end: its disk failed, or a document of its own cannot be read. */
  readonly onFailure: (message: string) => void;
  /** A frame was refused; for the counters. */
  readonly onRefused: OnRefusal;
}

export interface DocRoomEvents {
  /** A change was applied, or the document was read again from disk. */
  readonly onChanged: () => void;
  /** Nothing waits for the disk any more. */
  readonly onIdle: () => void;
}

/** One document in memory with everybody who uses it. */
export interface DocRoom {
  readonly doc: () => Y.Doc;
  /** Runs a change by the relay itself; resolves when it is durable or refused. */
  readonly edit: (change: (doc: Y.Doc) => void) => Promise<Result<void, Refusal>>;
  readonly add: (peer: DocPeer) => void;
  readonly remove: (peer: DocPeer) => void;
  readonly receive: (peer: DocPeer, frame: string | Uint8Array) => void;
  readonly closePeers: (code: number, reason: string, which?: (peer: DocPeer) => boolean) => void;
  readonly keepAlive: (ms: number) => void;
  readonly peers: () => number;
  readonly isIdle: () => boolean;
  /** Takes no change any more; resolves when the store has answered all. */
  readonly end: (how: EndOfUse) => Promise<void>;
}

/** Origin of the relay's own changes. */
const RELAY = Symbol('relay');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Loads the document, then serves it. Rejects when it cannot be read. */
export const openDocRoom = async (deps: DocRoomDeps, events: DocRoomEvents, name: string): Promise<DocRoom> => {
  const peers = createDocPeers(deps);
  let ended: Refusal | null = null;
  let reloading: Promise<void> | null = null;

  const open = (): Promise<LiveDoc> =>
    openLiveDoc({ ...deps, name, onUpdate, onBroken: (why) => void sendAwayAndReload(why) });

  const onUpdate = (frame: PreparedFrame, origin: unknown): void => {
    peers.broadcast(frame, origin);
    announcer.request();
    events.onChanged();
  };

  const readAgain = async (): Promise<void> => {
    live.detach('dropped');
    await live.drained();
    if (ended !== null) return;
    live = await open();
    events.onChanged();
  };

  /** Some have seen changes that are on no disk: all start again from what is. */
  const sendAwayAndReload = async (why: Refusal): Promise<void> => {
    deps.log.error('a document could not be stored: its peers are sent away', { doc: name, code: why.code });
    peers.close(CLOSE.tryLater, why.message);
    reloading = readAgain();
    try {
      await reloading;
    } catch (error) {
      deps.onFailure(`document ${name} cannot be read again: ${messageOf(error)}`);
    }
    reloading = null;
    events.onIdle();
  };

  let live = await open();
  const announcer = createSavedAnnouncer({ live: () => live, peers, onIdle: events.onIdle });
  const dispatch = createDocDispatch({
    peers,
    afterTurn: deps.afterTurn,
    turns: deps.turns,
    timers: deps.timers,
    live: () => (reloading === null && ended === null ? live : null),
    onRefused: (code, where) => deps.onRefused(code, { via: 'docs', doc: name, ...where }),
    onReceived: announcer.request,
  });

  const edit = async (change: (doc: Y.Doc) => void): Promise<Result<void, Refusal>> => {
    if (reloading !== null) await reloading;
    if (ended !== null) return err(ended);
    const { doc, settled } = live;
    doc.transact(() => change(doc), RELAY);
    const failure = await settled();
    return failure === null ? ok(undefined) : err(failure);
  };

  return {
    doc: () => live.doc,
    edit,
    add: (peer) => {
      peers.add(peer);
      dispatch.welcome(peer);
    },
    remove: (peer) => {
      peers.remove(peer);
      dispatch.farewell(peer);
    },
    receive: dispatch.receive,
    closePeers: peers.close,
    keepAlive: peers.keepAlive,
    peers: peers.size,
    isIdle: () => reloading === null && live.isIdle() && dispatch.isIdle() && !announcer.isRunning(),
    end: async (how) => {
      ended ??= refusal('UNAVAILABLE', 'the document is closed');
      live.detach(how);
      await live.drained();
    },
  };
};
