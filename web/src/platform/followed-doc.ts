import type { DocLink, Present, Said } from '@baton/client-core';
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

/** A document whose followers see each other. */
export interface PresentDoc extends FollowedDoc {
  /** Who else has it open to edit it; `say` tells them of this page, which nobody sees before. */
  readonly presence: {
    readonly others: ReadonlySignal<readonly Present[]>;
    readonly say: (said: Partial<Said>) => void;
  };
}
