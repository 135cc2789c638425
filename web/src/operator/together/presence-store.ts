import type { Present, Said } from '@baton/client-core';
import type { Place } from '@baton/schema/doc';
import { computed, effect, type ReadonlySignal } from '@preact/signals';
import { type Person, peopleOf } from './people.ts';

/** The part of a followed document that tells who else follows it. */
export interface PresencePort {
  readonly others: ReadonlySignal<readonly Present[]>;
  readonly say: (said: Partial<Said>) => void;
}

/** Who has the event open, and where they are; a hint among people, nothing is ever locked. */
export interface PresenceStore {
  readonly people: ReadonlySignal<readonly Person[]>;
  /** Where the focus is on this page; null: at no entry. */
  readonly setEditing: (place: Place | null) => void;
  readonly close: () => void;
}

export const createPresenceStore = (
  port: PresencePort,
  self: { readonly name: string; readonly role: string },
  view: ReadonlySignal<string>,
): PresenceStore => {
  const stop = effect(() => port.say({ view: view.value, editing: null }));
  return {
    people: computed(() => peopleOf(port.others.value, self)),
    setEditing: (place) => port.say({ editing: place }),
    close: stop,
  };
};
