import { mapEpoch, type Race } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { plural } from '../ui/time-text.ts';
import type { SetupStore } from './setup-store.ts';
import { type AssignScope, assignment } from './stream-overview.ts';

/** Assigns the current epochs of many streams to one race, as one edit of the document. */
export const AssignAll = (props: {
  readonly streams: readonly StreamBody[];
  readonly races: readonly Race[];
  readonly setup: SetupStore;
  readonly announcer: Announcer;
}): JSX.Element | null => {
  const { races, streams, setup } = props;
  const chosen = useSignal<string | null>(null);
  const scope = useSignal<AssignScope>('unassigned');
  const asking = useSignal(false);
  const race = races.find((it) => it.raceId === chosen.value) ?? races[0];
  if (race === undefined) return null;
  const { pairs, moved } = assignment(streams, setup.setup.value, race.raceId, scope.value);
  const apply = (): void => {
    asking.value = false;
    setup.edit((doc) => {
      for (const pair of pairs) mapEpoch(doc, pair, race.raceId);
    });
    props.announcer.say(`Assigned to ${race.name}: the current epoch of ${plural(pairs.length, 'stream')}.`);
  };
  return (
    <form
      class="assign-all compact"
      aria-label="Assign current epochs"
      onSubmit={(event) => {
        event.preventDefault();
        if (moved > 0) asking.value = true;
        else if (pairs.length > 0) apply();
      }}
    >
      <div class="field">
        <label for="assign-scope">Assign current epoch of</label>
        <select
          id="assign-scope"
          value={scope.value}
          onChange={(event) => {
            scope.value = event.currentTarget.value === 'all' ? 'all' : 'unassigned';
          }}
        >
          <option value="unassigned">streams without a race</option>
          <option value="all">all streams</option>
        </select>
      </div>
      <div class="field">
        <label for="assign-race">to race</label>
        <select
          id="assign-race"
          value={race.raceId}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          {races.map((it) => (
            <option key={it.raceId} value={it.raceId}>
              {it.name}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button button-small" disabled={pairs.length === 0}>
        {pairs.length === 0 ? 'Nothing to assign' : `Assign ${plural(pairs.length, 'stream')}`}
      </button>
      {asking.value ? (
        <ConfirmDialog
          title={`Assign ${plural(pairs.length, 'stream')} to ${race.name}?`}
          confirmLabel="Assign"
          danger
          onConfirm={apply}
          onCancel={() => {
            asking.value = false;
          }}
        >
          <p>
            {plural(moved, 'current epoch')} {moved === 1 ? 'belongs' : 'belong'} to another race now. Reads that are in{' '}
            {moved === 1 ? 'it' : 'them'} already count in {race.name} from then on, and no longer in the other.
          </p>
        </ConfirmDialog>
      ) : null}
    </form>
  );
};
