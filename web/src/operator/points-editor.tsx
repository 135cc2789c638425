import type { Point, Race } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { useFocusLater } from '../ui/focus-later.ts';
import { NoteList } from '../ui/note-list.tsx';
import type { PointReaders } from './point-readers.ts';
import { addPoint, changePoint, MAX_POINTS, movePoint, pointNotes, removePoint } from './race-edit.ts';

const KIND_WORDS: Readonly<Record<Point['kind'], string>> = { start: 'Start', split: 'Split', finish: 'Finish' };
const KINDS: readonly Point['kind'][] = ['start', 'split', 'finish'];

const kindOf = (text: string): Point['kind'] => KINDS.find((it) => it === text) ?? 'split';

type EditPoints = (change: (points: readonly Point[]) => readonly Point[]) => void;

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

const PointActions = (props: {
  readonly id: string;
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => (
  <span class="point-actions">
    <button
      type="button"
      id={`${props.id}-up`}
      class="button button-small button-icon"
      aria-label={`Move ${props.name} up`}
      disabled={props.isFirst}
      onClick={() => props.onMove(-1)}
    >
      ↑
    </button>
    <button
      type="button"
      id={`${props.id}-down`}
      class="button button-small button-icon"
      aria-label={`Move ${props.name} down`}
      disabled={props.isLast}
      onClick={() => props.onMove(1)}
    >
      ↓
    </button>
    <button
      type="button"
      id={`${props.id}-remove`}
      class="button button-small button-icon"
      aria-label={`Remove ${props.name}`}
      onClick={props.onRemove}
    >
      ×
    </button>
  </span>
);

const ReadersAt = (props: { readonly readers: PointReaders }): JSX.Element => (
  <span class="point-readers small muted">
    {props.readers.length === 0
      ? 'No reader yet'
      : props.readers.map(({ title, note }) => (note === null ? title : `${title} (${note})`)).join(', ')}
  </span>
);

const PointLine = (props: {
  readonly race: Race;
  readonly point: Point;
  readonly at: number;
  readonly readers: PointReaders;
  readonly onEdit: EditPoints;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => {
  const { race, point, at, onEdit } = props;
  const id = `${race.raceId}-${point.pointId}`;
  return (
    <li
      class="point-line compact"
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        props.onMove(event.key === 'ArrowUp' ? -1 : 1);
      }}
    >
      <span class="point-number muted" aria-hidden="true">
        {at + 1}
      </span>
      <EditableText
        id={`${id}-name`}
        label={`Name of timing point ${at + 1}`}
        hideLabel
        required
        value={point.name}
        onCommit={(name) => onEdit((points) => changePoint(points, point.pointId, { name }))}
      />
      <KindSelect
        id={`${id}-kind`}
        label={`Kind of ${point.name}`}
        value={point.kind}
        onChange={(kind) => onEdit((points) => changePoint(points, point.pointId, { kind }))}
      />
      <PointActions
        id={id}
        name={point.name}
        isFirst={at === 0}
        isLast={at === race.points.length - 1}
        onMove={props.onMove}
        onRemove={props.onRemove}
      />
      <ReadersAt readers={props.readers} />
    </li>
  );
};

const NewPoint = (props: { readonly race: Race; readonly onEdit: EditPoints }): JSX.Element => {
  const { race, onEdit } = props;
  const name = useSignal('');
  const kind = useSignal<Point['kind']>(race.points.some((it) => it.kind === 'finish') ? 'split' : 'finish');
  const id = `${race.raceId}-new-point`;
  return (
    <form
      class="point-new compact"
      onSubmit={(event) => {
        event.preventDefault();
        const text = name.value.trim();
        if (text !== '') onEdit((points) => addPoint(points, text, kind.value));
        if (kind.value === 'finish') kind.value = 'split';
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
      <button type="submit" class="button button-small" disabled={race.points.length >= MAX_POINTS}>
        Add
      </button>
    </form>
  );
};

/** The course of a race: its timing points in order, moved by buttons or Alt with an arrow key. */
export const PointsEditor = (props: {
  readonly race: Race;
  readonly readersAt: (point: Point) => PointReaders;
  readonly onEdit: EditPoints;
}): JSX.Element => {
  const { race, onEdit } = props;
  const focusLater = useFocusLater();
  const moved = useSignal('');
  const idOf = (point: Point | undefined, part: string): string => `${race.raceId}-${point?.pointId ?? 'none'}-${part}`;
  const move = (point: Point, at: number, by: -1 | 1): void => {
    const to = at + by;
    if (to < 0 || to >= race.points.length) return;
    onEdit((points) => movePoint(points, point.pointId, by));
    moved.value = `${point.name} is now point ${to + 1} of ${race.points.length}.`;
    // a button at the end of its way is disabled and loses the focus
    const focused = document.activeElement?.id ?? '';
    focusLater(focused, idOf(point, by < 0 ? 'down' : 'up'));
  };
  const remove = (point: Point, at: number): void => {
    onEdit((points) => removePoint(points, point.pointId));
    focusLater(idOf(race.points[at + 1] ?? race.points[at - 1], 'remove'), `${race.raceId}-new-point`);
  };
  return (
    <div class="stack-tight">
      <span class="field-label">Timing points, in course order</span>
      {race.points.length === 0 ? (
        <p class="small muted">None yet: every assigned epoch counts as the finish.</p>
      ) : (
        <ol class="plain points">
          {race.points.map((point, at) => (
            <PointLine
              key={point.pointId}
              race={race}
              point={point}
              at={at}
              readers={props.readersAt(point)}
              onEdit={onEdit}
              onMove={(by) => move(point, at, by)}
              onRemove={() => remove(point, at)}
            />
          ))}
        </ol>
      )}
      <span class="visually-hidden" aria-live="polite">
        {moved.value}
      </span>
      <NewPoint race={race} onEdit={onEdit} />
      <NoteList label={`Notes on the course of ${race.name}`} notes={pointNotes(race.points)} />
    </div>
  );
};
