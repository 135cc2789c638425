import { putRace, type Race } from '@baton/schema/doc';
import type { EventBody } from '@baton/schema/http';
import type { Clock } from '@baton/schema/ports';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { useFocusLater } from '../ui/focus-later.ts';
import { Empty, Loading, Notice } from '../ui/notice.tsx';
import type { Commands } from './commands.ts';
import { NewRace } from './new-race.tsx';
import { readersAt } from './point-readers.ts';
import { RaceCard, raceNameId } from './race-card.tsx';
import { editRace } from './race-edit.ts';
import { copyOf, isNameTaken, raceNotes, racesInOrder } from './race-list.ts';
import { commandBlock } from './relay-reach.ts';
import { RulesCard } from './rules-card.tsx';
import type { EventTime } from './start-field.tsx';
import type { Workspace } from './workspace-store.ts';

const DeleteRace = (props: {
  readonly race: Race;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly blocked: string | null;
  readonly onEnd: () => void;
}): JSX.Element => {
  const { race, announcer } = props;
  const busy = useSignal(false);
  const remove = async (): Promise<void> => {
    busy.value = true;
    const outcome = await props.commands.deleteRace(race.raceId);
    props.onEnd();
    if (outcome.type === 'done') announcer.say(`${race.name} is deleted.`);
    else announcer.fail(`${race.name} was not deleted: ${outcome.message}`);
  };
  return (
    <ConfirmDialog
      title={`Delete ${race.name}?`}
      confirmLabel="Delete race"
      danger
      busy={busy.value}
      disabled={props.blocked !== null}
      onConfirm={() => void remove()}
      onCancel={props.onEnd}
    >
      <p>
        Its timing points and categories go, and the epochs assigned to it are assigned to nothing. No read is lost.
      </p>
      {props.blocked === null ? null : <p class="field-error">{props.blocked}</p>}
    </ConfirmDialog>
  );
};

/** Said before anybody types, since both concern every field below. */
const RacesNotices = (props: { readonly event: EventBody | null; readonly blocked: string | null }): JSX.Element => (
  <>
    {props.event?.status === 'official' ? (
      <Notice tone="warn" title="The results are official">
        What is changed here changes them.
      </Notice>
    ) : null}
    {props.blocked === null ? null : (
      <Notice tone="warn" title="No relay: races cannot be deleted">
        Everything else here goes on and is merged when it is back.
      </Notice>
    )}
  </>
);

const NoRaces = (props: { readonly loading: boolean }): JSX.Element => (
  <div class="card">
    {props.loading ? (
      <Loading label="Loading the races" />
    ) : (
      <Empty title="No races yet">Add the first one below: its name is enough to begin with.</Empty>
    )}
  </div>
);

/** The races of the event and the rules for all of them. Everything but deleting is an edit of the shared document. */
export const RacesView = (props: {
  readonly workspace: Workspace;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly event: EventBody | null;
  readonly timezone: string;
  readonly clock: Clock;
}): JSX.Element => {
  const { workspace, event, announcer } = props;
  const { setup } = workspace;
  const doomed = useSignal<Race | null>(null);
  const focusLater = useFocusLater();
  const current = setup.setup.value;
  const races = racesInOrder(current.races.values(), props.timezone);
  const mapped = [...current.epochRaces.values()];
  const followed = workspace.streams.streams.value;
  const streams = new Map((followed.value ?? []).map((it) => [it.streamId, it]));
  const blocked = commandBlock(followed);
  const time: EventTime = { date: event?.date ?? '', timezone: props.timezone, clock: props.clock };
  const add = (race: Parameters<typeof putRace>[1]): void => {
    setup.edit((doc) => putRace(doc, race));
    focusLater(raceNameId(race));
  };
  return (
    <div class="stack">
      <RacesNotices event={event} blocked={blocked} />
      {races.length === 0 ? <NoRaces loading={setup.link.value.type === 'connecting'} /> : null}
      {races.map((race) => (
        <RaceCard
          key={race.raceId}
          race={race}
          time={time}
          notes={raceNotes(race, races, event)}
          mappedEpochs={mapped.filter((it) => it === race.raceId).length}
          readersAt={(point) => readersAt(race, point, current, streams)}
          blocked={blocked}
          onEdit={(change) => editRace(setup, race.raceId, change)}
          onDuplicate={() => {
            const copy = copyOf(race, workspace.newRaceId(), races);
            add(copy);
            announcer.say(`${copy.name} is added: same course and categories, no start yet.`);
          }}
          onDelete={() => {
            doomed.value = race;
          }}
        />
      ))}
      <NewRace
        isTaken={(name) => isNameTaken(name, races)}
        onAdd={(name) => add({ raceId: workspace.newRaceId(), name })}
      />
      <RulesCard setup={setup} />
      {doomed.value === null ? null : (
        <DeleteRace
          race={doomed.value}
          commands={props.commands}
          announcer={announcer}
          blocked={blocked}
          onEnd={() => {
            doomed.value = null;
            focusLater('new-race');
          }}
        />
      )}
    </div>
  );
};
