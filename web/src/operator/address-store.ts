import { type ReadonlySignal, signal } from '@preact/signals';
import type { AddressBar } from '../platform/address-bar.ts';

export const VIEWS = ['streams', 'races', 'roster', 'nodes', 'alarms', 'access', 'history', 'event'] as const;
export type View = (typeof VIEWS)[number];

/** Where the operator is: no event means the list of events. */
export interface Place {
  readonly eventId: string | null;
  readonly view: View;
}

export interface AddressStore {
  readonly place: ReadonlySignal<Place>;
  readonly go: (place: Place) => void;
}

export const placeOf = (search: string): Place => {
  const query = new URLSearchParams(search);
  return { eventId: query.get('event'), view: VIEWS.find((it) => it === query.get('view')) ?? 'streams' };
};

export const hrefOf = ({ eventId, view }: Place): string =>
  eventId === null ? '/operate' : `/operate?${new URLSearchParams({ event: eventId, view })}`;

export const createAddressStore = (bar: Pick<AddressBar, 'search' | 'push' | 'onBack'>): AddressStore => {
  const place = signal(placeOf(bar.search()));
  bar.onBack(() => {
    place.value = placeOf(bar.search());
  });
  return {
    place,
    go: (next) => {
      bar.push(hrefOf(next));
      place.value = next;
    },
  };
};
