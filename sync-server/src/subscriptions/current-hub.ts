import type { EventId } from '@baton/schema/ids';
import type { EventHub } from '../spectators/event-hub.ts';
import type { HubObserver } from '../spectators/teller.ts';
import type { LiveCore } from './live-core.ts';

/** An event's hub, whichever it is now: an event that becomes a draft gives its hub up, and whoever comes next has another. */
export interface CurrentHub extends Pick<EventHub, 'settled' | 'between' | 'races' | 'inputs'> {
  readonly observe: (observer: HubObserver) => () => void;
}

/** The hub is looked after this often, so that it is not given up as idle. */
const TOUCH_MS = 30_000;

export const followHub = ({ spectators, registry, timers }: LiveCore, eventId: EventId): CurrentHub => {
  const now = (): EventHub => spectators.desk(eventId).hub;

  const observe = (observer: HubObserver): (() => void) => {
    let hub = now();
    let stop = hub.observe(observer);
    const look = (): void => {
      if (registry.event(eventId) === undefined || now() === hub) return;
      stop();
      hub = now();
      stop = hub.observe(observer);
      observer.onWhole();
    };
    const touching = timers.every(TOUCH_MS, look);
    const stopChanges = registry.onChange((changes) => {
      if (changes.some((change) => change.type === 'putEvent' && change.event.eventId === eventId)) look();
    });
    return () => {
      touching.clear();
      stopChanges();
      stop();
    };
  };

  return {
    settled: () => now().settled(),
    between: (task) => now().between(task),
    races: () => now().races(),
    inputs: () => now().inputs(),
    observe,
  };
};
