import type { Alarm } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { Notice } from '../../ui/notice.tsx';
import { plural } from '../../ui/time-text.ts';
import type { AddressStore } from '../address-store.ts';
import type { SetupStore } from '../setup-store.ts';
import type { Workspace } from '../workspace-store.ts';

/** Raised, and nobody has taken notice yet. */
export const unseenAlarms = (alarms: readonly Alarm[]): readonly Alarm[] =>
  alarms.filter(({ clearedAt, acknowledged }) => clearedAt === null && acknowledged === null);

/** Beside the tab that alarms are shown on. */
export const AlarmBadge = (props: { readonly setup: SetupStore }): JSX.Element | null => {
  const { length } = unseenAlarms(props.setup.setup.value.alarms);
  return length === 0 ? null : (
    <span class="tab-badge tab-badge-bad">
      {length}
      <span class="visually-hidden"> {length === 1 ? 'alarm' : 'alarms'} to look at</span>
    </span>
  );
};

/** On every view until somebody has taken notice. */
export const AlarmNotice = (props: {
  readonly workspace: Workspace;
  readonly address: AddressStore;
}): JSX.Element | null => {
  const { workspace, address } = props;
  const unseen = unseenAlarms(workspace.setup.setup.value.alarms);
  const [newest] = unseen;
  if (newest === undefined || address.place.value.view === 'alarms') return null;
  return (
    <Notice
      tone="bad"
      title={unseen.length === 1 ? 'Alarm' : plural(unseen.length, 'alarm')}
      action={
        <button
          type="button"
          class="button button-small"
          onClick={() => address.go({ eventId: workspace.eventId, view: 'alarms' })}
        >
          Look
        </button>
      }
    >
      {newest.message}
    </Notice>
  );
};
