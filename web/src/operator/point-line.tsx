import type { Point, Race } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { ItemActions } from './item-actions.tsx';
import { KindSelect } from './kind-select.tsx';
import { moveByKey } from './list-moves.ts';
import type { PointReaders } from './point-readers.ts';
import { changePoint } from './race-edit.ts';

export type EditPoints = (change: (points: readonly Point[]) => readonly Point[]) => void;

/** The id in the page of a part of a point's line. */
export const pointDomId = (race: Race, point: Point, part: string): string => `${race.raceId}-${point.pointId}-${part}`;

const ReadersAt = (props: { readonly readers: PointReaders }): JSX.Element => (
  <span class="point-readers small muted">
    {props.readers.length === 0
      ? 'No reader yet'
      : props.readers.map(({ title, note }) => (note === null ? title : `${title} (${note})`)).join(', ')}
  </span>
);

/** One timing point of a course, with who reads there. */
export const PointLine = (props: {
  readonly race: Race;
  readonly point: Point;
  readonly at: number;
  readonly readers: PointReaders;
  readonly onEdit: EditPoints;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => {
  const { race, point, at, onEdit } = props;
  const id = (part: string): string => pointDomId(race, point, part);
  return (
    <li class="point-line compact" onKeyDown={moveByKey(props.onMove)}>
      <span class="point-number muted" aria-hidden="true">
        {at + 1}
      </span>
      <EditableText
        id={id('name')}
        label={`Name of timing point ${at + 1}`}
        hideLabel
        required
        value={point.name}
        onCommit={(name) => onEdit((points) => changePoint(points, point.pointId, { name }))}
      />
      <KindSelect
        id={id('kind')}
        label={`Kind of ${point.name}`}
        value={point.kind}
        onChange={(kind) => onEdit((points) => changePoint(points, point.pointId, { kind }))}
      />
      <ItemActions
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
