import type { Category, Point, Race, RacePatch } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { CommandButton } from '../ui/command-button.tsx';
import { EditableText } from '../ui/editable-text.tsx';
import { NoteList } from '../ui/note-list.tsx';
import { CategoriesEditor } from './categories-editor.tsx';
import type { PointReaders } from './point-readers.ts';
import { PointsEditor } from './points-editor.tsx';
import { type EventTime, StartField } from './start-field.tsx';
import { EditedPlace } from './together/edited-place.tsx';

/** The field that a new or copied race is begun in. */
export const raceNameId = (race: Pick<Race, 'raceId'>): string => `${race.raceId}-name`;

const RaceHead = (props: {
  readonly race: Race;
  readonly mappedEpochs: number;
  readonly blocked: string | null;
  readonly onDuplicate: () => void;
  readonly onDelete: () => void;
}): JSX.Element => (
  <div class="card-head">
    <h2>{props.race.name}</h2>
    <div class="row small muted">
      <span>{props.mappedEpochs === 0 ? 'No epoch assigned yet' : `Epochs assigned: ${props.mappedEpochs}`}</span>
      <button
        type="button"
        class="button button-quiet button-small"
        aria-label={`Duplicate ${props.race.name}`}
        onClick={props.onDuplicate}
      >
        Duplicate
      </button>
      <CommandButton
        class="button button-quiet button-small"
        label={`Delete ${props.race.name}…`}
        blocked={props.blocked}
        onClick={props.onDelete}
      >
        Delete…
      </CommandButton>
    </div>
  </div>
);

/** One race: name, start, course and categories, all edited in the shared document. */
export const RaceCard = (props: {
  readonly race: Race;
  readonly time: EventTime;
  readonly notes: readonly string[];
  readonly mappedEpochs: number;
  readonly readersAt: (point: Point) => PointReaders;
  /** Why it cannot be deleted now. */
  readonly blocked: string | null;
  readonly onEdit: (change: (race: Race) => RacePatch) => void;
  readonly onDuplicate: () => void;
  readonly onDelete: () => void;
}): JSX.Element => {
  const { race, onEdit } = props;
  /** Closed, hundreds of fields need not be kept. */
  const categoriesOpen = useSignal(false);
  const onPoints = (change: (points: readonly Point[]) => readonly Point[]): void =>
    onEdit(({ points }) => ({ points: [...change(points)] }));
  const onCategories = (change: (categories: readonly Category[]) => readonly Category[]): void =>
    onEdit(({ categories }) => ({ categories: [...change(categories)] }));
  return (
    <section class="card" aria-label={race.name}>
      <RaceHead {...props} />
      <div class="card-body race-body">
        <div class="stack">
          <EditedPlace at={['races', race.raceId, 'name']}>
            <EditableText
              id={raceNameId(race)}
              label="Name"
              required
              value={race.name}
              onCommit={(name) => onEdit(() => ({ name }))}
            />
          </EditedPlace>
          <EditedPlace at={['races', race.raceId, 'startAt']}>
            <StartField race={race} time={props.time} onStart={(startAt) => onEdit(() => ({ startAt }))} />
          </EditedPlace>
          <NoteList label={`Notes on ${race.name}`} notes={props.notes} />
        </div>
        <EditedPlace at={['races', race.raceId, 'points']}>
          <PointsEditor race={race} readersAt={props.readersAt} onEdit={onPoints} />
        </EditedPlace>
      </div>
      <details
        class="race-categories"
        onToggle={(event) => {
          categoriesOpen.value = event.currentTarget.open;
        }}
      >
        <summary>
          Categories <span class="muted">· {race.categories.length === 0 ? 'none' : race.categories.length}</span>
        </summary>
        <EditedPlace at={['races', race.raceId, 'categories']}>
          {categoriesOpen.value ? <CategoriesEditor race={race} onEdit={onCategories} /> : null}
        </EditedPlace>
      </details>
    </section>
  );
};
