import type { EventId } from '@baton/schema/ids';
import type { Timer, Timers } from '@baton/schema/ports';
import type { Desk } from './desk.ts';

/** The events that somebody watches or has asked for lately. */
export interface Desks {
  /** Made when there is none. */
  readonly at: (eventId: EventId) => Desk;
  readonly get: (eventId: EventId) => Desk | undefined;
  readonly all: () => Iterable<readonly [EventId, Desk]>;
  readonly drop: (eventId: EventId) => Desk | undefined;
  readonly stop: () => void;
}

/** Results that nobody has asked for during so long are given up; who comes next has them computed anew. */
const IDLE_MS = 600_000;
const SWEEP_MS = 30_000;
/** Of events that nobody watches, the one asked for longest ago goes first when there are as many. */
const MAX_DESKS = 100;

export const createDesks = (timers: Timers, make: (eventId: EventId) => Desk): Desks => {
  const desks = new Map<EventId, Desk>();

  const drop = (eventId: EventId): Desk | undefined => {
    const desk = desks.get(eventId);
    desks.delete(eventId);
    desk?.stop();
    return desk;
  };

  const makeRoom = (): void => {
    if (desks.size < MAX_DESKS) return;
    const idle = [...desks].filter(([, desk]) => desk.isIdle());
    const [oldest] = idle.sort(([, a], [, b]) => a.touchedAt() - b.touchedAt());
    if (oldest !== undefined) drop(oldest[0]);
  };

  const open = (eventId: EventId): Desk => {
    makeRoom();
    const desk = make(eventId);
    desks.set(eventId, desk);
    return desk;
  };

  const sweeping: Timer = timers.every(SWEEP_MS, () => {
    const now = timers.mono();
    for (const [eventId, desk] of desks) if (desk.isIdle() && now - desk.touchedAt() >= IDLE_MS) drop(eventId);
  });

  return {
    at: (eventId) => {
      const desk = desks.get(eventId) ?? open(eventId);
      desk.touch();
      return desk;
    },
    get: (eventId) => desks.get(eventId),
    all: () => [...desks],
    drop,
    stop: sweeping.clear,
  };
};
