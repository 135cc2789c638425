/**
 * Follows a collection of a relay by filters, and keeps a map of exactly what passes them. No dependency: a screen may take this
 * file's build alone. In browsers and in Node ≥ 22 by their own `WebSocket`; elsewhere one is handed in.
 */

export type LiveFilterValue = string | number | boolean | null;

export interface LiveFilter {
  readonly field: string;
  readonly op: '==' | '!=' | '>' | '>=' | '<' | '<=' | 'in' | 'array-contains';
  readonly value: LiveFilterValue | readonly LiveFilterValue[];
}

/** A row of the HTTP answers with what every document has. */
export interface LiveDocument {
  /** `<collection>/<key>`. */
  readonly id: string;
  readonly version: number;
  readonly [field: string]: unknown;
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
  readonly collection: 'results' | 'oncourse' | 'races' | 'reads' | 'streams' | 'nodes';
  /** Joined by AND; none: everything. */
  readonly filters?: readonly LiveFilter[];
  /** For what is not public; said in a message, never in the URL. */
  readonly token?: string;
  /** After each change, with everything that passes now. */
  readonly onChange: (documents: ReadonlyMap<string, LiveDocument>, state: LiveCollectionState) => void;
  readonly openSocket?: (url: string) => LiveSocket;
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

interface Payload {
  readonly documents?: readonly LiveDocument[];
  readonly complete?: boolean;
  readonly place?: string;
  readonly resumed?: boolean;
  readonly message?: string;
  readonly delta?: { readonly type: string; readonly id: string; readonly document?: LiveDocument };
}

const SUB_ID = 'live';
/** Heartbeats come each 30 s: three of them missed, and the relay counts as gone. */
const SILENT_MS = 90_000;

const addressOf = (relay: string): string => {
  const url = new URL(`${relay.replace(/\/+$/u, '')}/api/v1/live`);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
};

const parse = (data: unknown): { readonly id?: string; readonly type: string; readonly payload?: Payload } | null => {
  try {
    const message: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    return typeof message === 'object' && message !== null && 'type' in message
      ? (message as { readonly type: string; readonly payload?: Payload })
      : null;
  } catch {
    return null; // no message of a relay; the next one may be
  }
};

/** Codes with which a relay refuses for good. */
const isRefusal = (code: number): boolean => code >= 4400 && code <= 4499 && code !== 4429;

export const followCollection = (options: LiveCollectionOptions): LiveCollection => {
  const { firstWaitMs = 1000, maxWaitMs = 30_000 } = options;
  const openSocket = options.openSocket ?? ((url: string): LiveSocket => new WebSocket(url));
  const held = new Map<string, LiveDocument>();
  let state: LiveCollectionState = { isCurrent: false, refused: null };
  let place: string | undefined;
  let attempt = 0;
  let socket: LiveSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  /** A snapshot that is not complete yet replaces what is held only at its end. */
  let fresh: Map<string, LiveDocument> | null = null;

  const tell = (next: Partial<LiveCollectionState> = {}): void => {
    state = { ...state, ...next };
    options.onChange(held, state);
  };

  const expectLife = (): void => {
    clearTimeout(watch);
    watch = setTimeout(() => socket?.close(), SILENT_MS);
  };

  const put = (into: Map<string, LiveDocument>, { delta, place: at }: Payload): void => {
    if (delta?.type === 'delete') into.delete(delta.id);
    else if (delta?.document !== undefined) into.set(delta.id, delta.document);
    place = at ?? place;
  };

  const takeSnapshot = ({ documents = [], complete, place: at }: Payload): void => {
    fresh ??= new Map();
    for (const document of documents) fresh.set(document.id, document);
    if (complete !== true) return;
    held.clear();
    for (const [id, document] of fresh) held.set(id, document);
    fresh = null;
    place = at;
    attempt = 0;
    tell({ isCurrent: true });
  };

  const refuse = (why: string): void => {
    closed = true;
    socket?.close(1000);
    tell({ isCurrent: false, refused: why });
  };

  const take = (type: string, payload: Payload): void => {
    switch (type) {
      case 'subscribeAck':
        if (payload.resumed !== true) return;
        attempt = 0;
        return tell({ isCurrent: true });
      case 'snapshot':
        return takeSnapshot(payload);
      case 'event':
        put(held, payload);
        return tell();
      case 'resync':
        fresh = new Map();
        return tell({ isCurrent: false });
      case 'error':
        return refuse(payload.message ?? 'the relay refuses this subscription');
      default: // what a later relay may say besides
    }
  };

  const subscribe = (on: LiveSocket): void => {
    const { eventId, collection, filters = [], token } = options;
    if (token !== undefined) on.send(JSON.stringify({ type: 'auth', payload: { token } }));
    const payload = {
      eventId,
      collection,
      filters,
      includeData: true,
      sendSnapshot: true,
      ...(place === undefined ? {} : { after: place }),
    };
    on.send(JSON.stringify({ id: SUB_ID, type: 'subscribe', payload }));
  };

  const comeBack = (): void => {
    const bound = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(attempt, 30));
    attempt++;
    timer = setTimeout(connect, Math.random() * bound);
  };

  const connect = (): void => {
    const mine = openSocket(addressOf(options.relay));
    socket = mine;
    fresh = null;
    expectLife();
    mine.addEventListener('open', () => subscribe(mine));
    mine.addEventListener('message', ({ data }) => {
      expectLife();
      const message = parse(data);
      if (message !== null && !closed) take(message.type, message.payload ?? {});
    });
    mine.addEventListener('error', () => {}); // its close follows, and says why
    mine.addEventListener('close', ({ code, reason }) => {
      clearTimeout(watch);
      if (closed) return;
      if (isRefusal(code)) return refuse(reason === '' ? `the relay refuses this (${code})` : reason);
      tell({ isCurrent: false });
      comeBack();
    });
  };

  connect();
  return {
    documents: () => held,
    state: () => state,
    close: () => {
      closed = true;
      clearTimeout(timer);
      clearTimeout(watch);
      socket?.close(1000);
    },
  };
};
