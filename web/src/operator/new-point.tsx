import type { Point, Race } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useFocusLater } from '../ui/focus-later.ts';
import { KindSelect } from './kind-select.tsx';
import { NewName } from './new-name.tsx';
import type { EditPoints } from './point-line.tsx';
import { addPoint, MAX_POINTS } from './race-edit.ts';

/** The line below a course, for one more point. */
export const NewPoint = (props: { readonly race: Race; readonly onEdit: EditPoints }): JSX.Element => {
  const { race, onEdit } = props;
  const name = useSignal('');
  const focusLater = useFocusLater();
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
        focusLater(id);
      }}
    >
      <NewName id={id} label="Name of a new timing point" placeholder="New timing point, e.g. 5 km" name={name} grow />
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
