import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import type { Timer, Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { OnRefusal } from '../watching/refusals.ts';
import type { Collection } from './collection.ts';
import type { LiveMessage } from './live-message.ts';
import { createOutQueue, type LiveSink } from './out-queue.ts';
import { type Subscription, type SubscriptionSpec, startSubscription } from './subscription.ts';

/** A collection of an event that the asker may see. */
export interface Found {
  readonly eventId: EventId;
  readonly collection: Collection;
}

export interface ConnectionDeps {
  readonly timers: Timers;
  readonly now: () => number;
  readonly onRefusal: OnRefusal;
  readonly onDefect: (error: unknown) => void;
}

/** The subscriptions of one client, whatever carries its messages. */
export interface LiveConnection {
  readonly send: (message: LiveMessage, id?: string) => void;
  readonly sendError: (it: Refusal, id?: string) => void;
  /** Waits for the collection, then begins; an error is told instead where it cannot be had. */
  readonly open: (spec: SubscriptionSpec, found: Found) => Promise<void>;
  /** Whether there is one of this id, begun or about to. */
  readonly has: (subId: string) => boolean;
  /** False: there was none. */
  readonly drop: (subId: string) => boolean;
  readonly size: () => number;
  /** Bytes that the network has not taken, and what waits behind them. */
  readonly unsent: () => number;
  readonly heartbeat: () => void;
  /** The event is not to be seen any more. */
  readonly hide: (eventId: EventId) => void;
  readonly end: () => void;
}

interface Held {
  readonly eventId: EventId;
  readonly subscription: Subscription;
}

/** @param stuckMs a client that takes nothing for so long is closed */
export const createLiveConnection = (
  deps: ConnectionDeps,
  sink: LiveSink,
  encode: (message: LiveMessage, id?: string) => string,
  stuckMs: number,
): LiveConnection => {
  const { timers } = deps;
  const held = new Map<string, Held>();
  /** Ids that wait for their collection. */
  const opening = new Set<string>();
  let ended = false;
  let waking: Timer | null = null;

  const wakeAll = (): void => {
    for (const { subscription } of [...held.values()]) subscription.wake();
  };
  const wakeSoon = (): void => {
    waking ??= timers.after(0, () => {
      waking = null;
      if (queue.hasRoom()) wakeAll(); // else the queue calls once it has
    });
  };

  const queue = createOutQueue(
    sink,
    timers,
    {
      onOverflow: () => {
        for (const { subscription } of held.values()) subscription.lose();
      },
      onRoom: wakeAll,
      onStuck: () => sink.close(CLOSE.tooSlow, 'this client does not take what it asked for; come back and subscribe'),
    },
    stuckMs,
  );

  const send = (message: LiveMessage, id?: string): void => {
    queue.push(encode(message, id));
  };

  const sendError = (it: Refusal, id?: string): void => {
    deps.onRefusal(it.code, { via: 'live' });
    send({ type: 'error', payload: { code: it.code, message: it.message } }, id);
  };

  const drop = (subId: string): boolean => {
    const known = held.get(subId);
    held.delete(subId);
    known?.subscription.close();
    return opening.delete(subId) || known !== undefined;
  };

  const begin = (spec: SubscriptionSpec, { eventId, collection }: Found): void => {
    const tell = (message: LiveMessage): void =>
      send(message, message.type === 'subscribeAck' ? spec.subId : undefined);
    const { onDefect } = deps;
    const subscription = startSubscription(
      { collection, send: tell, hasRoom: queue.hasRoom, wakeSoon, onDefect },
      spec,
    );
    held.set(spec.subId, { eventId, subscription });
  };

  const open = async (spec: SubscriptionSpec, found: Found): Promise<void> => {
    opening.add(spec.subId);
    try {
      await found.collection.ready();
      if (opening.delete(spec.subId) && !ended) begin(spec, found);
    } catch (error) {
      opening.delete(spec.subId);
      deps.onDefect(error);
      sendError(refusal('UNAVAILABLE', 'this cannot be told right now; try again'), spec.subId);
    }
  };

  return {
    send,
    sendError,
    open,
    has: (subId) => held.has(subId) || opening.has(subId),
    drop,
    size: () => held.size + opening.size,
    unsent: () => queue.size() + sink.bufferedAmount(),
    heartbeat: () => {
      if (queue.hasRoom()) send({ type: 'heartbeat', payload: { at: deps.now() } });
    },
    hide: (eventId) => {
      for (const [subId, it] of [...held]) {
        if (it.eventId !== eventId) continue;
        drop(subId);
        send(
          { type: 'error', payload: { code: 'NOT_FOUND', message: 'there is no such event any more', subId } },
          subId,
        );
      }
    },
    end: () => {
      if (ended) return;
      ended = true;
      waking?.clear();
      queue.stop();
      opening.clear();
      for (const subId of [...held.keys()]) drop(subId);
    },
  };
};
