import type { Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { JSX } from 'preact';

/** One race out of those there are, or none; its label is for screen readers, the column says it to others. */
export const RaceSelect = (props: {
  readonly id: string;
  readonly label: string;
  readonly races: readonly Race[];
  readonly value: RaceId | null;
  readonly onChange: (raceId: RaceId | null) => void;
}): JSX.Element => (
  <>
    <label class="visually-hidden" for={props.id}>
      {props.label}
    </label>
    <select
      id={props.id}
      value={props.value ?? ''}
      onChange={(event) => {
        const wanted = event.currentTarget.value;
        props.onChange(props.races.find((it) => it.raceId === wanted)?.raceId ?? null);
      }}
    >
      <option value="">No race</option>
      {props.races.map((race) => (
        <option key={race.raceId} value={race.raceId}>
          {race.name}
        </option>
      ))}
    </select>
  </>
);
