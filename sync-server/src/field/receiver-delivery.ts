import { type Refusal, refusal } from '@baton/schema/errors';
import type { AppliedMessage } from '@baton/schema/protocol';
import { decodeBatch, type Pair, type PairKey, pairKey, readsOfBatch, type VectorClock } from '@baton/schema/reads';
import type { Selection } from '@baton/schema/selection';
import { createPump } from '../session/pump.ts';
import { createSelecting } from '../session/selecting.ts';
import type { CursorRecord } from '../storage/records.ts';
import type { StoredBatch } from '../storage/store.ts';
import type { FieldSession } from './field-session.ts';
import { MAX_DELIVERED_EVENTS } from './wire/messages.ts';
import { eventOfRead } from './wire/read-event.ts';
import { type PositionEntry, pairOfEntry, refOfStream } from './wire/stream-ref.ts';

/** These systems grant no credit: what bounds delivery is the socket. Given again as it is used. */
const CREDIT = 1_000_000;

/**
 * JSON is made on the relay's one thread, some 4 µs an event. Bytes that wait count fourfold, so that one receiver's turn
 * ends after a quarter of what the pump allows: about 5 ms.
 */
const WAITING_WEIGHT = 4;

/** Delivery to one receiver in the field: the core's pump, resolver and cursors, in the wire's events. */
export interface Delivery {
  /** Replaces the selection; every target starts from the receiver's cursor, which is durable. */
  readonly select: (selection: Selection) => Promise<Refusal | null>;
  /** A selection that has grown: targets that stay go on undisturbed. */
  readonly extend: (selection: Selection) => Promise<Refusal | null>;
  /** Raises cursors; resolves when they are durable. */
  readonly ack: (entries: readonly PositionEntry[]) => Promise<void>;
  readonly wake: () => void;
  readonly stop: () => void;
}

export interface DeliveryDeps {
  readonly session: FieldSession;
  /** What holds now, after each selection and each change of targets or warnings. */
  readonly onApplied: (applied: AppliedMessage) => void;
  /** Positions the receiver gave in its hello; they go before the relay's cursors. */
  readonly resume: () => VectorClock;
}

const sendEvents = (session: FieldSession, pair: Pair, stored: StoredBatch): void => {
  const ref = refOfStream(session.deps.core.registry, pair.streamId);
  const batch = decodeBatch(stored.batch);
  if (!batch.ok) throw new Error(`a stored batch of ${pair.streamId} does not decode: ${batch.error.message}`);
  if (ref === undefined) throw new Error(`stream ${pair.streamId} is delivered and has no record`);
  const events = readsOfBatch(batch.value, stored.firstSeq).map((read) => eventOfRead(ref, pair.epoch, read));
  for (let from = 0; from < events.length; from += MAX_DELIVERED_EVENTS) {
    const some = events.slice(from, from + MAX_DELIVERED_EVENTS);
    session.send({ kind: 'receiver_event_batch', session_id: session.sessionId, events: some });
  }
};

/** Where each epoch goes on: after the cursor that this receiver has acked, or that its hello gave. */
const startClock = ({ session, resume }: DeliveryDeps): VectorClock => {
  const clock = new Map<PairKey, number>();
  for (const it of session.deps.core.registry.cursors(session.device.nodeId)) {
    clock.set(pairKey(it.streamId, it.epoch), it.seq);
  }
  for (const [key, seq] of resume()) clock.set(key, seq);
  return clock;
};

/** Acks of streams of this event, none beyond what the log holds: a cursor there would skip what is still to come. */
const cursorsOf = (session: FieldSession, entries: readonly PositionEntry[]): readonly CursorRecord[] => {
  const { registry, log } = session.deps.core;
  const { nodeId, eventId } = session.device;
  return entries.flatMap((entry) => {
    const pair = pairOfEntry(entry);
    const seq = Math.min(entry.last_seq, log.head(pair));
    const known = registry.stream(pair.streamId)?.eventId === eventId;
    return known && seq > 0 ? [{ receiverId: nodeId, ...pair, seq }] : [];
  });
};

const ack = async (session: FieldSession, entries: readonly PositionEntry[]): Promise<void> => {
  const { registry, journal } = session.deps.core;
  const cursors = cursorsOf(session, entries);
  if (cursors.length === 0) return;
  const stored = await registry.change([{ type: 'raiseCursors', cursors }]);
  // acks have no answer on these routes: a cursor that stays behind only means that reads come again
  if (!stored.ok)
    journal.warn('cursors could not be stored', { nodeId: session.device.nodeId, code: stored.error.code });
};

export const createDelivery = (deps: DeliveryDeps): Delivery => {
  const { session } = deps;
  const { core, views, pumps, presence } = session.deps;
  const cursors = (): VectorClock => startClock(deps);
  const pump = createPump({
    log: core.log,
    send: (pair, stored) => {
      sendEvents(session, pair, stored);
      pump.addCredit(stored.count);
    },
    bufferedAmount: () => session.socket.bufferedAmount() * WAITING_WEIGHT,
    onCaughtUp: () => {},
    onRetargeted: () => pumps.retargeted(pump),
    onError: session.defect,
  });
  const selecting = createSelecting({
    eventId: session.device.eventId,
    views,
    registry: core.registry,
    log: core.log,
    pump,
    send: deps.onApplied,
    cursors,
  });
  pumps.add(pump);
  pump.addCredit(CREDIT);

  const noted = async (selection: Selection, choose: typeof selecting.select): Promise<Refusal | null> => {
    const refused = await choose(selection, cursors());
    if (refused === null && session.isOpen()) {
      presence.select(session.device.nodeId, selection.mode === 'race' ? selection.raceId : null);
    }
    return refused;
  };

  return {
    select: (selection) => noted(selection, selecting.select),
    extend: (selection) => noted(selection, selecting.extend),
    ack: (entries) => ack(session, entries),
    wake: pump.wake,
    stop: () => {
      pumps.remove(pump);
      pump.stop();
      selecting.stop();
    },
  };
};

/** Streams that one receiver may name. */
export const MAX_STREAMS = 1000;

export const refuseStreamCount = (count: number): Refusal | null =>
  count > MAX_STREAMS ? refusal('PROTOCOL_ERROR', `expected at most ${MAX_STREAMS} streams, got ${count}`) : null;
