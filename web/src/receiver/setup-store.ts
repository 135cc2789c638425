import { EMPTY_SETUP, readSetup, type Setup } from '@baton/schema/doc';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { FollowedDoc } from '../platform/followed-doc.ts';

/** The event's setup as the operators have it: a receiver reads it and changes nothing. */
export interface SetupStore {
  readonly setup: ReadonlySignal<Setup>;
  readonly loaded: ReadonlySignal<boolean>;
  readonly close: () => void;
}

export const createSetupStore = (followed: FollowedDoc): SetupStore => {
  const setup = signal<Setup>(EMPTY_SETUP);
  const read = (): void => {
    setup.value = readSetup(followed.doc).setup;
  };
  followed.doc.on('update', read);
  read();
  return {
    setup,
    loaded: followed.loaded,
    close: () => {
      followed.doc.off('update', read);
      followed.close();
    },
  };
};
