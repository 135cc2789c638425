import type { Filter } from '@baton/schema/filter';
import type { Collection, Delta, Opened } from './collection.ts';
import type { LiveMessage } from './live-message.ts';
import type { Doc } from './shelf.ts';
import { createSnapshotParts } from './snapshot-parts.ts';

export interface SubscriptionSpec {
  readonly subId: string;
  readonly filters: readonly Filter[];
  readonly includeData: boolean;
  readonly sendSnapshot: boolean;
  readonly after: string | null;
}

export interface SubscriptionDeps {
  readonly collection: Collection;
  readonly send: (message: LiveMessage) => void;
  /** Whether the way out has room for more; where it has none, `wake` is called once it has. */
  readonly hasRoom: () => boolean;
  readonly wakeSoon: () => void;
  readonly onDefect: (error: unknown) => void;
}

/** One subscription of one connection. */
export interface Subscription {
  /** There is room again: a snapshot goes on, or what was lost is told. */
  readonly wake: () => void;
  /** What was queued for it is gone: it is told so, and begins anew, once there is room. */
  readonly lose: () => void;
  readonly close: () => void;
}

/** Changes that wait for the end of a snapshot. */
const MAX_WAITING = 10_000;

const eventOf = (subId: string, place: string, [type, doc]: Delta, includeData: boolean): LiveMessage => ({
  type: 'event',
  payload: {
    subId,
    delta: {
      type,
      id: doc.id,
      ...(includeData && type !== 'delete' ? { document: doc } : {}),
      timestamp: doc.updatedAt,
    },
    place,
  },
});

/** A snapshot that is read as fast as it goes out. */
interface Reading {
  readonly parts: AsyncIterator<readonly Doc[]>;
  readonly place: string;
  readonly waiting: Delta[];
}

type Phase =
  | { readonly type: 'live' }
  | { readonly type: 'snapshot'; readonly reading: Reading }
  | { readonly type: 'lost' }
  | { readonly type: 'closed' };

/** Begins with its cut: acknowledged, then the snapshot if one was asked for, then every change behind it. */
export const startSubscription = (deps: SubscriptionDeps, spec: SubscriptionSpec): Subscription => {
  const { collection, send } = deps;
  const { subId } = spec;
  const parts = createSnapshotParts(subId, (payload) => send({ type: 'snapshot', payload }));
  let phase: Phase = { type: 'live' };
  let opened: Opened | null = null;
  let isReading = false;

  const tell = (delta: Delta): void => send(eventOf(subId, collection.placeOf(delta[2]), delta, spec.includeData));

  const finish = ({ place, waiting }: Reading): void => {
    parts.end(place);
    phase = { type: 'live' };
    for (const delta of waiting) tell(delta);
  };

  /** Over when the phase is another one: the subscription was lost or closed meanwhile. */
  const read = async (reading: Reading): Promise<void> => {
    const isMine = (): boolean => phase.type === 'snapshot' && phase.reading === reading;
    while (isMine() && deps.hasRoom()) {
      const part = await reading.parts.next();
      if (!isMine()) return;
      if (part.done === true) return finish(reading);
      for (const doc of part.value) parts.add(doc);
    }
  };

  const readOn = async (): Promise<void> => {
    if (isReading || phase.type !== 'snapshot') return;
    isReading = true;
    try {
      await read(phase.reading);
    } catch (error) {
      deps.onDefect(error);
      lose();
    }
    isReading = false;
  };

  const take = (...delta: Delta): void => {
    if (phase.type === 'live') return tell(delta);
    if (phase.type !== 'snapshot') return;
    phase.reading.waiting.push(delta);
    if (phase.reading.waiting.length > MAX_WAITING) lose();
  };

  const lose = (): void => {
    if (phase.type === 'closed' || phase.type === 'lost') return;
    phase = { type: 'lost' };
    opened?.close();
    deps.wakeSoon();
  };

  const open = (after: string | null): Opened => {
    const now = collection.open({ onDelta: take, onReset: lose }, spec.filters, after);
    opened = now;
    return now;
  };

  const beginSnapshot = ({ snapshot }: Opened): void => {
    if (!spec.sendSnapshot) return;
    const reading = { parts: snapshot()[Symbol.asyncIterator](), place: collection.place(), waiting: [] };
    phase = { type: 'snapshot', reading };
    void readOn();
  };

  const recover = (): void => {
    parts.drop();
    send({ type: 'resync', payload: { subId } });
    phase = { type: 'live' };
    beginSnapshot(open(null));
  };

  const begin = (): void => {
    const first = open(spec.after);
    send({ type: 'subscribeAck', payload: { subId, resumed: first.missed !== null } });
    for (const delta of first.missed ?? []) tell(delta);
    if (first.missed !== null) return;
    if (spec.after !== null) send({ type: 'resync', payload: { subId } });
    beginSnapshot(first);
  };

  begin();
  return {
    wake: () => {
      if (phase.type === 'snapshot') void readOn();
      else if (phase.type === 'lost' && !isReading) recover();
    },
    lose,
    close: () => {
      opened?.close();
      phase = { type: 'closed' };
    },
  };
};
