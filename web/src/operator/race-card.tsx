import { type Point, patchRace, type Race } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { Field } from '../ui/field.tsx';
import { addPoint, changePoint, movePoint, removePoint, startAtField } from './race-edit.ts';
import type { SetupStore } from './setup-store.ts';

const KIND_WORDS: Readonly<Record<Point['kind'], string>> = { start: 'Start', split: 'Split', finish: 'Finish' };
const KINDS: readonly Point['kind'][] = ['start', 'split', 'finish'];

const kindOf = (text: string): Point['kind'] => KINDS.find((it) => it === text) ?? 'split';

const KindSelect = (props: {
  readonly id: string;
  readonly label: string;
  readonly value: Point['kind'];
  readonly onChange: (kind: Point['kind']) => void;
}): JSX.Element => (
  <div class="field">
    <label class="visually-hidden" for={props.id}>
      {props.label}
    </label>
    <select id={props.id} value={props.value} onChange={(event) => props.onChange(kindOf(event.currentTarget.value))}>
      {KINDS.map((kind) => (
        <option key={kind} value={kind}>
          {KIND_WORDS[kind]}
        </option>
      ))}
    </select>
  </div>
);

const PointLine = (props: {
  readonly race: Race;
  readonly point: Point;
  readonly at: number;
  readonly onPoints: (points: readonly Point[]) => void;
}): JSX.Element => {
  const { race, point, at, onPoints } = props;
  const id = `${race.raceId}-${point.pointId}`;
  return (
    <li class="point-line compact">
      <span class="point-number muted" aria-hidden="true">
        {at + 1}
      </span>
      <EditableText
        id={`${id}-name`}
        label={`Name of timing point ${at + 1}`}
        hideLabel
        required
        value={point.name}
        onCommit={(name) => onPoints(changePoint(race.points, point.pointId, { name }))}
      />
      <KindSelect
        id={`${id}-kind`}
        label={`Kind of ${point.name}`}
        value={point.kind}
        onChange={(kind) => onPoints(changePoint(race.points, point.pointId, { kind }))}
      />
      <span class="point-actions">
        <button
          type="button"
          class="button button-small button-icon"
          aria-label={`Move ${point.name} up`}
          disabled={at === 0}
          onClick={() => onPoints(movePoint(race.points, point.pointId, -1))}
        >
          ↑
        </button>
        <button
          type="button"
          class="button button-small button-icon"
          aria-label={`Move ${point.name} down`}
          disabled={at === race.points.length - 1}
          onClick={() => onPoints(movePoint(race.points, point.pointId, 1))}
        >
          ↓
        </button>
        <button
          type="button"
          class="button button-small button-icon"
          aria-label={`Remove ${point.name}`}
          onClick={() => onPoints(removePoint(race.points, point.pointId))}
        >
          ×
        </button>
      </span>
    </li>
  );
};

const NewPoint = (props: {
  readonly race: Race;
  readonly onPoints: (points: readonly Point[]) => void;
}): JSX.Element => {
  const { race, onPoints } = props;
  const name = useSignal('');
  const kind = useSignal<Point['kind']>(race.points.some((it) => it.kind === 'finish') ? 'split' : 'finish');
  const id = `${race.raceId}-new-point`;
  return (
    <form
      class="point-new compact"
      onSubmit={(event) => {
        event.preventDefault();
        const text = name.value.trim();
        if (text !== '') onPoints(addPoint(race.points, text, kind.value));
        name.value = '';
      }}
    >
      <div class="field grow">
        <label class="visually-hidden" for={id}>
          Name of a new timing point
        </label>
        <input
          id={id}
          placeholder="New timing point, e.g. 5 km"
          maxLength={200}
          autocomplete="off"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </div>
      <KindSelect
        id={`${id}-kind`}
        label="Kind of the new timing point"
        value={kind.value}
        onChange={(it) => {
          kind.value = it;
        }}
      />
      <button type="submit" class="button button-small">
        Add
      </button>
    </form>
  );
};

const StartField = (props: {
  readonly race: Race;
  readonly onStart: (startAt: string | null) => void;
}): JSX.Element => {
  const { race, onStart } = props;
  const id = `${race.raceId}-start`;
  const local = startAtField(race.startAt);
  if (local === null) {
    return (
      <Field id={id} label="Gun start">
        <div class="row">
          <span id={id}>{race.startAt}</span>
          <button type="button" class="button button-small" onClick={() => onStart(null)}>
            Clear
          </button>
        </div>
      </Field>
    );
  }
  return (
    <Field id={id} label="Gun start" hint="In the event’s own time. Without one, places go by the order of crossing.">
      <input
        id={id}
        type="datetime-local"
        step="1"
        aria-describedby={`${id}-help`}
        value={local}
        onChange={(event) => onStart(event.currentTarget.value === '' ? null : event.currentTarget.value)}
      />
    </Field>
  );
};

/** One race: name, start and timing points in course order, all edited in the shared document. */
export const RaceCard = (props: {
  readonly race: Race;
  readonly setup: SetupStore;
  readonly mappedEpochs: number;
  readonly onDelete: () => void;
}): JSX.Element => {
  const { race, setup } = props;
  const patch = (change: Parameters<typeof patchRace>[2]): void =>
    setup.edit((doc) => patchRace(doc, race.raceId, change));
  const onPoints = (points: readonly Point[]): void => patch({ points: [...points] });
  return (
    <section class="card" aria-label={race.name}>
      <div class="card-head">
        <h3>{race.name}</h3>
        <div class="row small muted">
          <span>{props.mappedEpochs === 0 ? 'No epoch assigned yet' : `Epochs assigned: ${props.mappedEpochs}`}</span>
          <button type="button" class="button button-quiet button-small" onClick={props.onDelete}>
            Delete…
          </button>
        </div>
      </div>
      <div class="card-body race-body">
        <div class="stack">
          <EditableText
            id={`${race.raceId}-name`}
            label="Name"
            required
            value={race.name}
            onCommit={(name) => patch({ name })}
          />
          <StartField race={race} onStart={(startAt) => patch({ startAt })} />
        </div>
        <div class="stack-tight">
          <span class="field-label">Timing points, in course order</span>
          {race.points.length === 0 ? (
            <p class="small muted">None yet: every assigned epoch counts as the finish.</p>
          ) : (
            <ol class="plain points">
              {race.points.map((point, at) => (
                <PointLine key={point.pointId} race={race} point={point} at={at} onPoints={onPoints} />
              ))}
            </ol>
          )}
          <NewPoint race={race} onPoints={onPoints} />
        </div>
      </div>
    </section>
  );
};
