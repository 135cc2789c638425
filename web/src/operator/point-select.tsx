import type { PointId } from '@baton/schema/ids';
import type { JSX } from 'preact';
import type { PointChoice } from './stream-view.ts';

/** A place on the course, or none. One that no race has any more is kept and named. */
export const PointSelect = (props: {
  readonly id: string;
  readonly points: readonly PointChoice[];
  readonly value: PointId | null;
  readonly onChange: (pointId: PointId | null) => void;
}): JSX.Element => {
  const { points, value } = props;
  const isGone = value !== null && !points.some((it) => it.pointId === value);
  return (
    <select
      id={props.id}
      value={value ?? ''}
      onChange={(event) => {
        const wanted = event.currentTarget.value;
        props.onChange(points.find((it) => it.pointId === wanted)?.pointId ?? null);
      }}
    >
      <option value="">None</option>
      {isGone ? (
        <option value={value} disabled>
          {value} (no race has it)
        </option>
      ) : null}
      {points.map((it) => (
        <option key={it.pointId} value={it.pointId}>
          {it.label}
        </option>
      ))}
    </select>
  );
};
