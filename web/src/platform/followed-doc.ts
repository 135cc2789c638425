import type { DocLink } from '@baton/client-core';
import type { ReadonlySignal } from '@preact/signals';
import type * as Y from 'yjs';

/** A document that follows its room at the relay. */
export interface FollowedDoc {
  readonly doc: Y.Doc;
  readonly link: ReadonlySignal<DocLink>;
  /** Whether the relay's state has been merged in at least once. */
  readonly loaded: ReadonlySignal<boolean>;
  readonly close: () => void;
}
