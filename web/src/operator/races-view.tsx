import { putRace, type Race } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Empty, Loading } from '../ui/notice.tsx';
import type { Commands } from './commands.ts';
import { RaceCard } from './race-card.tsx';
import type { Workspace } from './workspace-store.ts';

const NewRace = (props: { readonly onAdd: (name: string) => void }): JSX.Element => {
  const name = useSignal('');
  return (
    <form
      class="card card-body row row-end"
      onSubmit={(event) => {
        event.preventDefault();
        const text = name.value.trim();
        if (text !== '') props.onAdd(text);
        name.value = '';
      }}
    >
      <div class="field grow">
        <label for="new-race">New race</label>
        <input
          id="new-race"
          placeholder="e.g. 10 km"
          maxLength={200}
          autocomplete="off"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </div>
      <button type="submit" class="button button-primary">
        Add race
      </button>
    </form>
  );
};

/** The races of the event. Everything but deleting is an edit of the shared document. */
export const RacesView = (props: {
  readonly workspace: Workspace;
  readonly commands: Commands;
  readonly announcer: Announcer;
}): JSX.Element => {
  const { workspace, commands, announcer } = props;
  const { setup } = workspace;
  const doomed = useSignal<Race | null>(null);
  const busy = useSignal(false);
  const { races, epochRaces } = setup.setup.value;
  const remove = async (race: Race): Promise<void> => {
    busy.value = true;
    const outcome = await commands.deleteRace(race.raceId);
    busy.value = false;
    doomed.value = null;
    if (outcome.type === 'done') announcer.say(`${race.name} is deleted.`);
    else announcer.fail(`${race.name} was not deleted: ${outcome.message}`);
  };
  const mapped = [...epochRaces.values()];
  return (
    <div class="stack">
      {setup.link.value.type === 'connecting' && races.size === 0 ? (
        <div class="card">
          <Loading label="Loading the races" />
        </div>
      ) : null}
      {[...races.values()].map((race) => (
        <RaceCard
          key={race.raceId}
          race={race}
          setup={setup}
          mappedEpochs={mapped.filter((it) => it === race.raceId).length}
          onDelete={() => {
            doomed.value = race;
          }}
        />
      ))}
      {races.size === 0 && setup.link.value.type !== 'connecting' ? (
        <div class="card">
          <Empty title="No races yet">Add the first one below: its name is enough to begin with.</Empty>
        </div>
      ) : null}
      <NewRace onAdd={(name) => setup.edit((doc) => putRace(doc, { raceId: workspace.newRaceId(), name }))} />
      {doomed.value === null ? null : (
        <ConfirmDialog
          title={`Delete ${doomed.value.name}?`}
          confirmLabel="Delete race"
          danger
          busy={busy.value}
          onConfirm={() => doomed.value !== null && void remove(doomed.value)}
          onCancel={() => {
            doomed.value = null;
          }}
        >
          <p>Its timing points go, and the epochs assigned to it are assigned to nothing. No read is lost.</p>
        </ConfirmDialog>
      )}
    </div>
  );
};
