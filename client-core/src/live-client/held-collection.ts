/** A row of the HTTP answers with what every document has. */
export interface LiveDocument {
  /** `<collection>/<key>`. */
  readonly id: string;
  readonly version: number;
  readonly [field: string]: unknown;
}

interface Payload {
  readonly documents?: readonly LiveDocument[];
  readonly complete?: boolean;
  readonly place?: string;
  readonly resumed?: boolean;
  readonly message?: string;
  readonly delta?: { readonly type: string; readonly id: string; readonly document?: LiveDocument };
}

/** What a message came to. `current`: from here on the map is what the relay has; `stale`: it is not. */
export type TakenMessage =
  | { readonly type: 'nothing' }
  | { readonly type: 'changed' }
  | { readonly type: 'current' }
  | { readonly type: 'stale' }
  | { readonly type: 'refused'; readonly message: string };

/** What has been told of one subscription, merged. */
export interface HeldCollection {
  readonly take: (data: unknown) => TakenMessage;
  readonly documents: () => ReadonlyMap<string, LiveDocument>;
  /** Up to where all is held; null: nowhere yet. */
  readonly place: () => string | null;
  /** The connection ended: a snapshot that was not complete is void. */
  readonly interrupt: () => void;
}

const NOTHING: TakenMessage = { type: 'nothing' };

const parse = (data: unknown): { readonly type: unknown; readonly payload?: Payload } | null => {
  try {
    const message: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    return typeof message === 'object' && message !== null && 'type' in message ? message : null;
  } catch {
    return null; // no message of a relay; the next one may be
  }
};

export const createHeldCollection = (): HeldCollection => {
  let held = new Map<string, LiveDocument>();
  let place: string | null = null;
  /** A snapshot replaces what is held only once it is complete: until then old but whole beats new and short. */
  let fresh: Map<string, LiveDocument> | null = null;

  const takeSnapshot = ({ documents = [], complete, place: at }: Payload): TakenMessage => {
    fresh ??= new Map();
    for (const document of documents) fresh.set(document.id, document);
    if (complete !== true) return NOTHING;
    held = fresh;
    fresh = null;
    place = at ?? null;
    return { type: 'current' };
  };

  const takeEvent = ({ delta, place: at }: Payload): TakenMessage => {
    if (delta?.type === 'delete') held.delete(delta.id);
    else if (delta?.document !== undefined) held.set(delta.id, delta.document);
    place = at ?? place;
    return { type: 'changed' };
  };

  return {
    documents: () => held,
    place: () => place,
    interrupt: () => {
      fresh = null;
    },
    take: (data) => {
      const message = parse(data);
      const payload = message?.payload ?? {};
      switch (message?.type) {
        case 'subscribeAck':
          return payload.resumed === true ? { type: 'current' } : NOTHING;
        case 'snapshot':
          return takeSnapshot(payload);
        case 'event':
          return takeEvent(payload);
        case 'resync':
          fresh = null;
          return { type: 'stale' };
        case 'error':
          return { type: 'refused', message: payload.message ?? 'the relay refuses this subscription' };
        default:
          return NOTHING; // what a later relay may say besides
      }
    },
  };
};
