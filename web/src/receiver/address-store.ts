import { type ReadonlySignal, signal } from '@preact/signals';
import type { AddressBar } from '../platform/address-bar.ts';

export const VIEWS = ['overview', 'reads', 'results', 'chips', 'sql', 'export'] as const;
export type View = (typeof VIEWS)[number];

/** Where somebody is, so that it can be gone back to, kept and passed on; an empty text is no choice. */
export interface Place {
  readonly view: View;
  readonly stream: string;
  /** A chip or a bib. */
  readonly who: string;
  readonly race: string;
}

export const FIRST_PLACE: Place = { view: 'overview', stream: '', who: '', race: '' };

export interface AddressStore {
  readonly place: ReadonlySignal<Place>;
  readonly go: (place: Place) => void;
  /** Goes there without a step to go back to: for what changes with each key. */
  readonly amend: (place: Place) => void;
}

const MOST = 128;

export const placeOf = (search: string): Place => {
  const query = new URLSearchParams(search);
  const text = (name: string): string => (query.get(name) ?? '').slice(0, MOST);
  const view = VIEWS.find((it) => it === query.get('view')) ?? 'overview';
  return { view, stream: text('stream'), who: text('who'), race: text('race') };
};

export const hrefOf = (place: Place): string => {
  const first = new Map<string, string>(Object.entries(FIRST_PLACE));
  const said = Object.entries(place).filter(([name, value]) => value !== first.get(name));
  const query = new URLSearchParams(said).toString();
  return query === '' ? '/receive' : `/receive?${query}`;
};

export const createAddressStore = (bar: AddressBar): AddressStore => {
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
    amend: (next) => {
      bar.replace(hrefOf(next));
      place.value = next;
    },
  };
};
