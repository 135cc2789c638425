import type { Point, Race } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { NoteList } from '../ui/note-list.tsx';
import { useListMoves } from './list-moves.ts';
import { NewPoint } from './new-point.tsx';
import { type EditPoints, PointLine, pointDomId } from './point-line.tsx';
import type { PointReaders } from './point-readers.ts';
import { movePoint, pointNotes, removePoint } from './race-edit.ts';

/** The course of a race: its timing points in order, moved by buttons or Alt with an arrow key. */
export const PointsEditor = (props: {
  readonly race: Race;
  readonly readersAt: (point: Point) => PointReaders;
  readonly onEdit: EditPoints;
}): JSX.Element => {
  const { race, onEdit } = props;
  const { move, remove, said } = useListMoves({
    items: race.points,
    idOf: (point, part) => pointDomId(race, point, part),
    newId: `${race.raceId}-new-point`,
    onMove: ({ pointId }, by) => onEdit((points) => movePoint(points, pointId, by)),
    onRemove: ({ pointId }) => onEdit((points) => removePoint(points, pointId)),
  });
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
              onMove={(by) => move(point, by)}
              onRemove={() => remove(point)}
            />
          ))}
        </ol>
      )}
      <span class="visually-hidden" aria-live="polite">
        {said.value}
      </span>
      <NewPoint race={race} onEdit={onEdit} />
      <NoteList label={`Notes on the course of ${race.name}`} notes={pointNotes(race.points)} />
    </div>
  );
};
