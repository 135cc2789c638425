import type { RelayAddress } from '@baton/schema/command';
import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import { CLOSE, DOC_MESSAGE, isPermanentClose, LINK_SUBPROTOCOL, readSaved } from '@baton/schema/protocol';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { backoffDelay } from '../connection/backoff.ts';
import { socketUrl } from '../connection/relay-url.ts';
import type { OpenSocket, Socket, SocketClose } from '../connection/socket.ts';
import { type BySide, bySide, otherSide, SIDES, type Side } from './link-state.ts';

export interface DocBridgeDeps {
  readonly openSocket: OpenSocket;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface DocBridge {
  /** Whether both relays have on disk what the other has, deletions aside. */
  readonly isInStep: () => boolean;
  /** Whether each relay lacks something that is on the other's disk, deletions aside; null: not known. */
  readonly lacks: () => BySide<boolean | null>;
  readonly close: () => void;
}

/** A relay says something at least each 20 s. */
const SILENT_MS = 60_000;
/** Bytes that may wait for one side: more than the largest document, whose halves may both be new to the other. */
const MAX_WAITING_BYTES = 48 * 1024 * 1024;

interface End {
  readonly socket: Socket;
  isOpen: boolean;
  /** Frames that came for it before it was open. */
  early: Uint8Array[];
  heardAt: number;
  /** State vector that it last said is on its disk. */
  saved: ReadonlyMap<number, number> | null;
}

const savedIn = (frame: Uint8Array): ReadonlyMap<number, number> | null => {
  try {
    const decoder = decoding.createDecoder(frame);
    decoding.readVarUint(decoder);
    return Y.decodeStateVector(readSaved(decoder).stateVector);
  } catch {
    return null; // of a later version: then nothing is known to be in step
  }
};

type Saved = End['saved'] | undefined;

const lacksOf = (own: Saved, other: Saved): boolean | null => {
  if (own == null || other == null) return null;
  return [...other].some(([client, clock]) => (own.get(client) ?? 0) < clock);
};

const NOTHING_KNOWN: BySide<null> = { here: null, there: null };

/** One life of the bridge: two connections, joined frame by frame, that end together. */
const joinEnds = (
  deps: DocBridgeDeps,
  name: string,
  relays: BySide<RelayAddress>,
  onEnd: (side: Side, close: SocketClose) => void,
) => {
  const { timers, log } = deps;
  let isOver = false;
  const ends: Partial<Record<Side, End>> = {};

  const close = (): void => {
    isOver = true;
    watch.clear();
    for (const side of SIDES) ends[side]?.socket.close(CLOSE.normal, '');
  };
  const end = (side: Side, why: SocketClose): void => {
    if (isOver) return;
    close();
    onEnd(side, why);
  };

  const pass = (from: Side, frame: Uint8Array): void => {
    const to = ends[otherSide(from)];
    if (to === undefined || !to.isOpen) return void to?.early.push(frame);
    to.socket.send(frame);
    if (to.socket.bufferedAmount() > MAX_WAITING_BYTES) {
      end(otherSide(from), { code: CLOSE.tooSlow, reason: 'the relay does not take what waits for it' });
    }
  };

  /** Only what changes the document goes over: who edits, and what is saved, each relay says for itself. */
  const receive = (from: Side, own: End, data: string | Uint8Array): void => {
    own.heardAt = timers.mono();
    if (typeof data === 'string') return;
    if (data[0] === DOC_MESSAGE.sync) pass(from, data);
    else if (data[0] === DOC_MESSAGE.saved) own.saved = savedIn(data);
    else if (data[0] === DOC_MESSAGE.auth)
      log.warn('a relay takes no changes of a document', { doc: name, relay: from });
  };

  const open = (side: Side): End => {
    const url = socketUrl(relays[side].url, `/docs/${name}`);
    if (!url.ok) throw new TypeError(url.error.message);
    const target = { url: url.value, token: relays[side].token, protocols: [LINK_SUBPROTOCOL] };
    const socket = deps.openSocket(target, {
      onOpen: () => {
        own.isOpen = true;
        for (const frame of own.early.splice(0)) own.socket.send(frame);
      },
      onMessage: (data) => receive(side, own, data),
      onClose: (why) => end(side, why),
    });
    const own: End = { socket, isOpen: false, early: [], heardAt: timers.mono(), saved: null };
    return own;
  };

  const watch: Timer = timers.every(SILENT_MS / 4, () => {
    for (const side of SIDES) {
      if (timers.mono() - (ends[side]?.heardAt ?? 0) < SILENT_MS) continue;
      return end(side, { code: 1006, reason: `nothing heard for ${SILENT_MS} ms` });
    }
  });
  for (const side of SIDES) ends[side] = open(side);

  return {
    lacks: () => bySide((side) => lacksOf(ends[side]?.saved, ends[otherSide(side)]?.saved)),
    close,
  };
};

/**
 * Joins two relays' connections to one document. Each relay asks whoever connects what it has; here the other relay answers.
 * Nothing is held in between: after any break both ask anew, and what they say twice is without effect.
 */
export const openDocBridge = (deps: DocBridgeDeps, name: string, relays: BySide<RelayAddress>): DocBridge => {
  const { timers, random, log } = deps;
  let attempt = 0;
  let retry: Timer | null = null;
  let life: ReturnType<typeof joinEnds> | null = null;

  const lacks = (): BySide<boolean | null> => life?.lacks() ?? NOTHING_KNOWN;
  const isInStep = (): boolean => SIDES.every((side) => lacks()[side] === false);

  const onEnd = (side: Side, { code, reason }: SocketClose): void => {
    if (isInStep()) attempt = 0;
    life = null;
    log.warn('a document is not carried right now', { doc: name, relay: side, code, reason });
    // a token without rights stays so until the link attaches again
    if (isPermanentClose(code)) return;
    retry = timers.after(backoffDelay(attempt++, random.next()), start);
  };
  const start = (): void => {
    life = joinEnds(deps, name, relays, onEnd);
  };
  start();

  return {
    isInStep,
    lacks,
    close: () => {
      retry?.clear();
      life?.close();
      life = null;
    },
  };
};
