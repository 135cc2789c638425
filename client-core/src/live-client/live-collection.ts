import type { Random, Timer, Timers } from '@baton/schema/ports';
import { createHeldCollection, type LiveDocument } from './held-collection.ts';

export type LiveFilterValue = string | number | boolean | null;

export interface LiveFilter {
  readonly field: string;
  readonly op: '==' | '!=' | '>' | '>=' | '<' | '<=' | 'in' | 'array-contains';
  readonly value: LiveFilterValue | readonly LiveFilterValue[];
}

/** What the client needs of a WebSocket; the browser's is one. */
export interface LiveSocket {
  readonly send: (text: string) => void;
  readonly close: (code?: number, reason?: string) => void;
  readonly addEventListener: {
    (type: 'open', listener: () => void): void;
    (type: 'message', listener: (event: { readonly data: unknown }) => void): void;
    (type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
    (type: 'error', listener: () => void): void;
  };
}

export interface LiveCollectionOptions {
  /** Of the relay, as `https://timing.example`. */
  readonly relay: string;
  readonly eventId: string;
  readonly collection: 'results' | 'oncourse' | 'races' | 'announcer' | 'reads' | 'streams' | 'nodes';
  /** Joined by AND; none: everything. */
  readonly filters?: readonly LiveFilter[];
  /** For what is not public; said in a message, never in the URL. */
  readonly token?: string;
  /** After each change, with everything that passes now. */
  readonly onChange: (documents: ReadonlyMap<string, LiveDocument>, state: LiveCollectionState) => void;
  /** Bounds of the wait before it comes back, in ms; full jitter. 1,000 and 30,000 by default. */
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
}

export interface LiveCollectionState {
  /** Whether the map is what the relay has: false while there is no connection, and until the first snapshot is complete. */
  readonly isCurrent: boolean;
  /** Why it is refused for good; null while it is not. */
  readonly refused: string | null;
}

export interface LiveCollection {
  readonly documents: () => ReadonlyMap<string, LiveDocument>;
  readonly state: () => LiveCollectionState;
  readonly close: () => void;
}

export interface LiveCollectionDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly openSocket: (url: string) => LiveSocket;
}

const SUB_ID = 'live';
/** Heartbeats come each 30 s: three of them missed, and the relay counts as gone. */
const SILENT_MS = 90_000;

const addressOf = (relay: string): string => {
  const url = new URL(`${relay.replace(/\/+$/u, '')}/api/v1/live`);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
};

/** Codes with which a relay refuses for good. */
const isRefusal = (code: number): boolean => code >= 4400 && code <= 4499 && code !== 4429;

/**
 * Follows a collection of a relay by filters, and keeps a map of exactly what passes them: snapshot and changes merged, through
 * breaks of the network, from the place where it was left where the relay still knows it.
 */
export const followCollection = (deps: LiveCollectionDeps, options: LiveCollectionOptions): LiveCollection => {
  const { timers, random } = deps;
  const { firstWaitMs = 1000, maxWaitMs = 30_000 } = options;
  const held = createHeldCollection();
  let state: LiveCollectionState = { isCurrent: false, refused: null };
  let attempt = 0;
  let socket: LiveSocket | null = null;
  let retry: Timer | null = null;
  let watch: Timer | null = null;
  let closed = false;

  const tell = (next: Partial<LiveCollectionState>): void => {
    state = { ...state, ...next };
    options.onChange(held.documents(), state);
  };

  const expectLife = (): void => {
    watch?.clear();
    watch = timers.after(SILENT_MS, () => socket?.close());
  };

  const refuse = (why: string): void => {
    closed = true;
    socket?.close(1000);
    tell({ isCurrent: false, refused: why });
  };

  const take = (data: unknown): void => {
    const outcome = held.take(data);
    if (outcome.type === 'current') attempt = 0;
    if (outcome.type === 'refused') refuse(outcome.message);
    else if (outcome.type !== 'nothing')
      tell({ isCurrent: outcome.type === 'changed' ? state.isCurrent : outcome.type === 'current' });
  };

  const subscribe = (on: LiveSocket): void => {
    const { eventId, collection, filters = [], token } = options;
    const place = held.place();
    const after = place === null ? {} : { after: place };
    const payload = { eventId, collection, filters, includeData: true, sendSnapshot: true, ...after };
    if (token !== undefined) on.send(JSON.stringify({ type: 'auth', payload: { token } }));
    on.send(JSON.stringify({ id: SUB_ID, type: 'subscribe', payload }));
  };

  const comeBack = (): void => {
    const bound = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(attempt, 30));
    attempt++;
    retry = timers.after(random.next() * bound, connect);
  };

  const connect = (): void => {
    const mine = deps.openSocket(addressOf(options.relay));
    socket = mine;
    expectLife();
    mine.addEventListener('open', () => subscribe(mine));
    mine.addEventListener('message', ({ data }) => {
      expectLife();
      if (!closed) take(data);
    });
    mine.addEventListener('error', () => {}); // its close follows, and says why
    mine.addEventListener('close', ({ code, reason }) => {
      watch?.clear();
      if (closed) return;
      if (isRefusal(code)) return refuse(reason === '' ? `the relay refuses this (${code})` : reason);
      held.interrupt();
      tell({ isCurrent: false });
      comeBack();
    });
  };

  connect();
  return {
    documents: held.documents,
    state: () => state,
    close: () => {
      closed = true;
      retry?.clear();
      watch?.clear();
      socket?.close(1000);
    },
  };
};
