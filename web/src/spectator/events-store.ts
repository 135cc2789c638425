import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import type { EventInfo } from './public-body.ts';
import type { ResultsSource } from './results-source.ts';

/** The published events. */
export interface EventsStore {
  readonly events: ReadonlySignal<Live<readonly EventInfo[]>>;
  readonly refresh: () => void;
  readonly stop: () => void;
}

export const createEventsStore = (source: ResultsSource): EventsStore => {
  const events = signal<Live<readonly EventInfo[]>>(WAITING);
  const following = source.followEvents((live) => {
    events.value = live;
  });
  return { events, refresh: following.refresh, stop: following.stop };
};
