import type { JSX } from 'preact';
import type { Announcer } from '../../platform/announcer-store.ts';
import { Notice } from '../../ui/notice.tsx';
import { plural } from '../../ui/time-text.ts';
import type { AddressStore } from '../address-store.ts';
import type { Workspace } from '../workspace-store.ts';
import { UndoButtons } from './undo-buttons.tsx';
import { WhoIsHere } from './who-is-here.tsx';

/** Beside the tab that conflicts are decided on. */
export const ConflictBadge = (props: { readonly count: number }): JSX.Element | null =>
  props.count === 0 ? null : (
    <span class="tab-badge">
      {props.count}
      <span class="visually-hidden"> open {props.count === 1 ? 'conflict' : 'conflicts'}</span>
    </span>
  );

/** On every view until somebody has decided: what is shown below may be the wrong one of two values. */
export const ConflictNotice = (props: {
  readonly workspace: Workspace;
  readonly address: AddressStore;
}): JSX.Element | null => {
  const { workspace, address } = props;
  const count = workspace.review.conflicts.value.length;
  if (count === 0 || address.place.value.view === 'history') return null;
  return (
    <Notice
      tone="warn"
      title={`${plural(count, 'conflict')} to decide`}
      action={
        <button
          type="button"
          class="button button-small"
          onClick={() => address.go({ eventId: workspace.eventId, view: 'history' })}
        >
          Review
        </button>
      }
    >
      Changes that were made apart from each other do not fit together.
    </Notice>
  );
};

/** Who else is here, and one's own steps. */
export const EventTools = (props: {
  readonly workspace: Workspace;
  readonly announcer: Announcer;
  readonly viewWords: (view: string) => string;
}): JSX.Element => {
  const { presence, review, undo } = props.workspace;
  return (
    <div class="event-tools">
      <WhoIsHere people={presence.people.value} names={review.names.value} viewWords={props.viewWords} />
      <UndoButtons store={undo} names={review.names} announcer={props.announcer} />
    </div>
  );
};
