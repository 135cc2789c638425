import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import { momentText } from './local-text.ts';
import { say } from './words.ts';

/** Of a race that is timed at the venue and shown here: whether its relay is heard. Nothing where there is none, or nothing can come. */
export const VenueLine = (props: {
  readonly store: EventStore;
  readonly now: ReadonlySignal<number>;
}): JSX.Element | null => {
  const { source } = props.store;
  const state = source.state.value;
  const venue = state?.venue ?? null;
  if (venue === null || state?.event.status === 'official') return null;
  if (venue.connected) return <span>{say('venueConnected')}</span>;
  const time = momentText(venue.heardAt - source.skewMs.value, props.now.value);
  return <span class="freshness freshness-old">{say('venueHeard', { time })}</span>;
};
